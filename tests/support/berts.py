"""A BERT of a few kilobytes with a tokenizer, made by the tests in a moment."""

from pathlib import Path

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import BertConfig, BertModel

WORDS = "how do i reset my password the office opens at nine and closes six a b c d e f g h".split()
TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS]


def small_bert(folder: Path, seed: int = 0) -> Path:
    """Write `model.safetensors`, `config.json` and `tokenizer.json`; the same seed gives the same weights."""
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(TOKENS),
        hidden_size=32,
        num_hidden_layers=4,
        num_attention_heads=4,
        intermediate_size=64,
        initializer_range=0.5,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    tokenizer = Tokenizer(WordLevel({token: i for i, token in enumerate(TOKENS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", TOKENS.index("[CLS]")), ("[SEP]", TOKENS.index("[SEP]"))]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder
