"""The learned parts of the models: router, adapter of the search, thresholds, and of the generator."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bot.inference import Models
from nlp.adapter import KIND as RETRIEVER
from nlp.adapter import load_adapter
from nlp.encoder import Encoder
from nlp.generators.lora import KIND as GENERATOR
from nlp.router import KIND as ROUTER
from nlp.router import Router, load_router
from nlp.thresholds import KIND as THRESHOLDS
from nlp.thresholds import load_thresholds

ReadRouter = Callable[[Path, Encoder], Router]


def read_router(folder: Path, encoder: Encoder) -> Router:
    """The router in a model folder, computed by this process.

    Raises:
        ModelError: the folder holds no intact router, or one for another encoder.
    """
    return load_router(folder, encoder)[0]


_FIELDS = {ROUTER: "router", RETRIEVER: "adapter", THRESHOLDS: "thresholds"}
_LOADERS: Mapping[str, Callable[[Path, Encoder], Any]] = {
    ROUTER: read_router,
    RETRIEVER: load_adapter,
    THRESHOLDS: lambda folder, _: load_thresholds(folder),
}
KINDS = (ROUTER, RETRIEVER, THRESHOLDS, GENERATOR)  # all that is learned
HOT = frozenset(_FIELDS)  # kinds that are swapped while the bot runs; others serve from the next start on


def load_part(kind: str, folder: Path, encoder: Encoder) -> Any:
    """The part of a hot kind in a model folder.

    Raises:
        ModelError: the folder holds no intact one that fits the encoder.
    """
    return _LOADERS[kind](folder, encoder)


def field(kind: str) -> str:
    """Where `Models` holds the part of a hot kind."""
    return _FIELDS[kind]


def serving_version(models: Models, kind: str) -> str | None:
    """The version of a hot kind in these models; None where they have none."""
    return models.versions.get(kind)
