"""Small networks and data for training tests: an encoder that a test makes, and classes that a line separates."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing
from torch import nn

from nlp.training.configs import LstmConfig, NeuralConfig, TransformerConfig
from nlp.training.data import Example
from nlp.training.targets import MISSING, Targets
from nlp.training.task import Inputs, Task
from tests.support.berts import save_bert
from tests.support.models import EXAMPLES

SMALL_LSTM = LstmConfig(
    epochs=20, batch_size=8, learning_rate=2e-2, patience=0, hidden=16, dimension=16, attention=8, min_count=1
)
SMALL_TRANSFORMER = TransformerConfig(
    epochs=20, batch_size=8, learning_rate=3e-3, head_learning_rate=1e-2, patience=0, max_tokens=32
)


def write_encoder(folder: Path, seed: int = 0, **changes: Any) -> Path:
    """A folder with a BERT of two small layers over the words of `EXAMPLES`; `changes` go into its config.json."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    words = sorted({word for e in EXAMPLES for word in (e.text.split() if e.text.isascii() else e.text)})
    vocabulary = {word: number for number, word in enumerate([*special, *words])}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = BertNormalizer(), BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])]
    )
    save_bert(
        folder,
        tokenizer,
        seed,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=40,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    return folder


def separable(rows: int = 120, topics: bool = True) -> tuple[NDArray[np.float32], Targets]:
    """Points (n, 4) whose intent is the sign of one coordinate and whose topic, where known, that of another."""
    points = np.random.default_rng(1).normal(size=(rows, 4)).astype(np.float32)
    intents = (points[:, 0] > 0).astype(np.int64)
    second = np.where(np.arange(rows) % 3 == 0, MISSING, points[:, 1] > 0).astype(np.int64)
    even = np.ones(2, np.float32)
    if not topics:
        return points, Targets((("a", "b"),), (intents,), (even,))
    return points, Targets((("a", "b"), ("s", "t")), (intents, second), (even, even))


def task(rows: int = 120, topics: bool = True, module: nn.Module | None = None, **changes: Any) -> Task:
    """Learning `separable` by a small network, with every fourth row held out."""
    points, targets = separable(rows, topics)
    torch.manual_seed(0)
    width = targets.columns
    network = module or nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, width))
    every = np.arange(rows)

    def inputs(picked: NDArray[np.int64]) -> Inputs:
        return (torch.from_numpy(points[picked]),)

    fitted, held = every[every % 4 > 0], every[every % 4 == 0]
    return Task(
        **{
            "module": network,
            "inputs": inputs,
            "lengths": np.ones(rows, np.int64),
            "targets": targets,
            "fitted": fitted,
            "held": held,
            **changes,
        }
    )


def quick(**changes: Any) -> NeuralConfig:
    """A configuration that learns `separable` in a moment."""
    return NeuralConfig(
        **{"epochs": 12, "batch_size": 16, "learning_rate": 0.02, "patience": 0, "warmup": 0, **changes}
    )


def state(module: nn.Module) -> dict[str, NDArray[Any]]:
    """The weights of a module, copied."""
    return {name: value.detach().clone().numpy() for name, value in module.state_dict().items()}


def numbered(count: int) -> list[Example]:
    """Examples of two intents that differ in one word."""
    return [Example(f"{('alpha', 'beta')[n % 2]} word{n % 7}", ("x", "y")[n % 2]) for n in range(count)]
