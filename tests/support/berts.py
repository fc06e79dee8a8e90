"""BERTs of a few kilobytes with a tokenizer, made by the tests in a moment."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import BertConfig, BertModel

WORDS = "how do i reset my password the office opens at nine and closes six a b c d e f g h".split()
MARKS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
TOKENS = [*MARKS, *WORDS]


def small_bert(folder: Path, seed: int = 0, spread: float = 0.5, words: Sequence[str] = WORDS) -> Path:
    """Write `model.safetensors`, `config.json` and `tokenizer.json`; the same seed gives the same weights.

    `spread` is their standard deviation: the smaller, the less a token's state differs from its embedding.
    """
    tokenizer = Tokenizer(WordLevel({token: i for i, token in enumerate([*MARKS, *words])}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", MARKS.index("[CLS]")), ("[SEP]", MARKS.index("[SEP]"))],
    )
    return save_bert(folder, tokenizer, seed, num_hidden_layers=4, num_attention_heads=4, initializer_range=spread)


def save_bert(folder: Path, tokenizer: Tokenizer, seed: int, **config: Any) -> Path:
    """Write the tokenizer and a BERT for its vocabulary with random weights, 32 wide."""
    torch.manual_seed(seed)
    sizes = BertConfig(vocab_size=tokenizer.get_vocab_size(), hidden_size=32, intermediate_size=64, **config)
    BertModel(sizes, add_pooling_layer=False).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder
