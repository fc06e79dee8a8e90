"""How to train each architecture: what can be set, what is allowed, and what is usual."""

from dataclasses import dataclass, fields
from typing import Literal, get_args, get_origin, get_type_hints

from nlp.errors import DataError

Optimizer = Literal["sgd", "adam", "adamw"]
Schedule = Literal["constant", "linear", "cosine", "plateau"]
Precision = Literal["auto", "fp32", "bf16", "fp16"]
Criterion = Literal["loss", "accuracy"]

_INFINITY = float("inf")
_LEAST_PENALTY = 1e-4  # without one, classes that a line separates have no best weights
_RANGES: dict[str, tuple[float, float]] = {
    "iterations": (1, 10_000),
    "dense_scale": (0.01, 1_000),
    "margin_l2": (0, 1_000),
    "hidden_units": (0, 65_536),
    "hidden_epochs": (1, 10_000),
    "epochs": (1, 10_000),
    "batch_size": (1, 65_536),
    "learning_rate": (1e-12, 100),
    "head_learning_rate": (1e-12, 100),
    "layer_decay": (0.01, 1),
    "warmup": (0, 1),
    "plateau_factor": (0.01, 0.99),
    "plateau_patience": (0, 10_000),
    "l1": (0, 1_000),
    "l2": (0, 1_000),
    "dropout": (0, 0.95),
    "word_dropout": (0, 0.95),
    "embedding_dropout": (0, 0.95),
    "lora_dropout": (0, 0.95),
    "clip": (0, _INFINITY),
    "label_smoothing": (0, 0.95),
    "patience": (0, 10_000),
    "balance": (0, 1),
    "held_out": (0.001, 0.9),
    "averaging": (0, 0.99999),
    "checkpoint_every": (0, 1_000_000_000),
    "min_count": (1, 1_000_000_000),
    "vocabulary": (1, 10_000_000),
    "dimension": (1, 100_000),
    "hidden": (1, 65_536),
    "layers": (1, 16),
    "attention": (1, 65_536),
    "max_tokens": (2, 100_000),
    "lora_rank": (0, 1_024),
    "lora_alpha": (1, 10_000),
    "seed": (0, 2**63 - 1),
}


@dataclass(frozen=True)
class _CheckedConfig:
    """Refuses values out of their ranges."""

    def __post_init__(self) -> None:
        hints = get_type_hints(type(self))
        for field in fields(self):
            _check(field.name, getattr(self, field.name), hints[field.name])


@dataclass(frozen=True)
class FusedConfig(_CheckedConfig):
    """How to train the fused architecture, chosen on validation data (docs/router.md).

    `dense_scale` weighs the embedding against the n-grams; `l2` is the penalty per row, `margin_l2` that of the squared
    hinge; `hidden_units` is the width of the hidden layer, 0 for none, and `hidden_epochs` how often it sees the rows
    at most; `held_out` is the share of rows that calibrate; `balance` in [0, 1] is how far rare classes are weighed up
    (0 not at all, 1 fully).

    Raises:
        DataError: a value is out of its range.
    """

    dense_scale: float = 3.0
    l2: float = 0.3
    iterations: int = 50
    margin_l2: float = 1.0
    hidden_units: int = 256
    hidden_epochs: int = 15
    held_out: float = 0.1
    balance: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, value in (("l2", self.l2), ("margin_l2", self.margin_l2)):
            if value < _LEAST_PENALTY:
                raise DataError(f"{name} is {value}: the fused architecture needs at least {_LEAST_PENALTY}")


@dataclass(frozen=True)
class NeuralConfig(_CheckedConfig):
    """What every neural architecture is trained with.

    `warmup` is the share of all steps over which the rate rises from nothing; `schedule` shapes it from there on
    ("plateau" multiplies it by `plateau_factor` when the held-out loss has not sunk for `plateau_patience` epochs).
    `l1` adds `l1 * sum(|w|)` to the loss; `l2` is weight decay, decoupled for "adamw" (Loshchilov & Hutter 2019);
    biases and norms are spared both. `clip` is the greatest gradient norm, 0 for any. `patience` is how many epochs
    without a better held-out `stop_on` end the training, 0 for none; the best epoch's weights are the result either
    way. `averaging` is the decay of an exponential moving average of the weights, which then is what is measured and
    kept (Polyak & Juditsky 1992), 0 for none. `balance` in [0, 1] is how far rare classes are weighed up. `held_out`
    is the share of rows that calibrate and stop. `precision` "fp16" needs a GPU; less than fp32 may pay when wide:
    an epoch with the bundled one took 6 s in fp32 and 21 s in bf16 (CLINC150, H100); "auto" takes bf16 on a GPU that
    has it. `checkpoint_every` counts steps, 0 for every epoch. `device` is "auto", "cpu", "cuda" or "cuda:N".

    Raises:
        DataError: a value is out of its range.
    """

    epochs: int = 5
    batch_size: int = 32
    optimizer: Optimizer = "adamw"
    learning_rate: float = 1e-3
    schedule: Schedule = "linear"
    warmup: float = 0.1
    plateau_factor: float = 0.5
    plateau_patience: int = 0
    l1: float = 0.0
    l2: float = 0.01
    dropout: float = 0.3
    clip: float = 1.0
    label_smoothing: float = 0.0
    patience: int = 3
    stop_on: Criterion = "loss"
    averaging: float = 0.0
    balance: float = 0.0
    held_out: float = 0.1
    precision: Precision = "fp32"
    device: str = "auto"
    checkpoint_every: int = 0
    seed: int = 0


@dataclass(frozen=True)
class LstmConfig(NeuralConfig):
    """The embedding and LSTM classifier, trained from nothing or from word `vectors` (a file in text format).

    `vocabulary` is the greatest number of words kept, of those seen `min_count` times; `dimension` that of the
    embedding (None: that of the vectors, else 128); `hidden` the units per direction; `attention` the units that
    weigh the tokens; `max_tokens` how many tokens of a text are read: from longer ones the first and the last half.
    `word_dropout` is the share of words that training hides, `embedding_dropout` that of the embeddings' channels.
    """

    epochs: int = 20
    patience: int = 2
    optimizer: Optimizer = "adam"
    learning_rate: float = 2e-3
    schedule: Schedule = "cosine"
    warmup: float = 0.02
    l2: float = 0.0
    dropout: float = 0.5
    max_tokens: int = 400
    min_count: int = 2
    vocabulary: int = 50_000
    dimension: int | None = None
    hidden: int = 64
    layers: int = 1
    attention: int = 64
    word_dropout: float = 0.1
    embedding_dropout: float = 0.3
    vectors: str = ""


@dataclass(frozen=True)
class TransformerConfig(NeuralConfig):
    """A pre-trained encoder, fine-tuned whole or (`lora_rank` above 0) by low-rank adapters (Hu et al. 2022, "LoRA").

    `base` is the folder or Hugging Face id of the encoder, empty for the bundled one. `learning_rate` is that of the
    last layer; each layer below has `layer_decay` times the rate of the one above it (Howard & Ruder 2018);
    `head_learning_rate` is that of the heads.
    """

    epochs: int = 4
    learning_rate: float = 5e-5
    dropout: float = 0.1
    max_tokens: int = 128
    base: str = ""
    head_learning_rate: float = 1e-3
    layer_decay: float = 1.0
    lora_rank: int = 0
    lora_alpha: int = 16
    lora_dropout: float = 0.05


def _check(name: str, value: object, kind: object) -> None:
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise DataError(f"{name} is {value!r}: use {', '.join(get_args(kind))}")
        return
    if name not in _RANGES or value is None:
        return
    low, high = _RANGES[name]
    if kind is int and not isinstance(value, int):
        raise DataError(f"{name} is {value!r}: give a whole number")
    if not isinstance(value, int | float) or not low <= value <= high:
        allowed = f"at least {low}" if high == _INFINITY else f"from {low} to {high}"
        raise DataError(f"{name} is {value!r}: allowed is {allowed}")
