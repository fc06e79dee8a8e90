"""Training the transformer architecture: tokenise, fine-tune the encoder or its adapters with the heads, calibrate."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import from_numpy

from nlp.architectures.transformer import (
    SubwordTokenizer,
    TransformerNetwork,
    TransformerScorer,
    adapters_of,
    add_adapters,
    describe_encoder,
)
from nlp.model_store import Arrays
from nlp.pretrained import Pretrained, load_pretrained
from nlp.router import Router
from nlp.sequences import Sequences, join
from nlp.training import Step, Steps
from nlp.training.calibration import calibrate
from nlp.training.configs import TransformerConfig
from nlp.training.data import Example
from nlp.training.held_out import divide
from nlp.training.loop import fit
from nlp.training.optimisation import Group, seeded
from nlp.training.task import Inputs, Task

_READ_AT_ONCE = 1_000
_LAYER = re.compile(r"\.(?:layer|layers|h|block|blocks)\.(\d+)\.")

Indices = NDArray[np.int64]


def train_transformer(
    examples: Sequence[Example],
    config: TransformerConfig,
    valid: Sequence[Example] = (),
    checkpoint: Path | None = None,
) -> Steps[Router]:
    """See `nlp.training.router.train_router`.

    Raises:
        EncoderError: the encoder to begin with cannot be loaded, or is refused.
    """
    rows = divide(examples, valid, config)
    base = load_pretrained(config.base)
    tokenizer = SubwordTokenizer(base.tokenizer, min(config.max_tokens, base.positions), base.pad, base.unknown)
    sequences = yield from _tokenise(rows.texts, tokenizer)
    with seeded("cpu", config.seed):
        network = _network(base, config, rows.targets.columns)
    task = Task(
        network,
        _inputs(sequences, tokenizer.pad),
        sequences.lengths,
        rows.targets,
        rows.fitted,
        rows.held,
        layer_groups(network, config),
        {"architecture": "transformer", "data": rows.fingerprint(), "base": base.fingerprint},
    )
    yield from fit(task, config, checkpoint)
    adapters = _merge(network) if config.lora_rank else None
    stored = describe_encoder(base, config.base, config.lora_rank, config.lora_alpha)
    scorer = TransformerScorer(network.eval(), tokenizer, len(rows.targets.labels[0]), stored, adapters)
    scores = scorer.score([rows.texts[i] for i in rows.held])
    return Router(scorer, calibrate(scores, rows.targets.take(rows.held)))


def _tokenise(texts: Sequence[str], tokenizer: SubwordTokenizer) -> Steps[Sequences]:
    rows: list[NDArray[np.int32]] = []
    for start in range(0, len(texts), _READ_AT_ONCE):
        part, _ = tokenizer(texts[start : start + _READ_AT_ONCE])
        rows += np.split(part.tokens, part.starts[1:-1])
        yield Step("read", len(rows), len(texts))
    return join(rows)


def _network(base: Pretrained, config: TransformerConfig, columns: int) -> TransformerNetwork:
    encoder: Any = base.network
    if config.lora_rank:
        encoder = add_adapters(encoder, config.lora_rank, config.lora_alpha, config.lora_dropout)
    return TransformerNetwork(encoder, base.configuration["hidden_size"], columns, config.dropout)


def layer_groups(network: TransformerNetwork, config: TransformerConfig) -> list[Group]:
    """The top layer's parameters first, then those of each layer below it at a lower rate, and the heads."""
    named = {name: p for name, p in network.encoder.named_parameters() if p.requires_grad}
    depths = {name: 1 + int(found[1]) if (found := _LAYER.search(f".{name}")) else 0 for name in named}
    top = max(depths.values(), default=0)
    groups = []
    for depth in range(top, -1, -1):
        chosen = {name: p for name, p in named.items() if depths[name] == depth}
        groups.append(Group(chosen, config.learning_rate * config.layer_decay ** (top - depth)))
    return [*groups, Group(dict(network.heads.named_parameters()), config.head_learning_rate)]


def _inputs(sequences: Sequences, pad: int) -> Callable[[Indices], Inputs]:
    def take(rows: Indices) -> Inputs:
        ids, lengths = sequences.batch(rows, pad)
        return from_numpy(ids), from_numpy(lengths)

    return take


def _merge(network: TransformerNetwork) -> Arrays:
    """Merge the adapters into the encoder, and return what they were."""
    adapted: Any = network.encoder
    adapters = adapters_of(adapted)
    network.encoder = adapted.merge_and_unload()
    return adapters
