"""Small networks and data for training tests: configurations, an encoder that a test makes, and numbered examples."""

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

from nlp.training.configs import LstmConfig, TransformerConfig
from nlp.training.data import Example
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


def numbered(count: int) -> list[Example]:
    """Examples of two intents that differ in one word."""
    return [Example(f"{('alpha', 'beta')[n % 2]} word{n % 7}", ("x", "y")[n % 2]) for n in range(count)]
