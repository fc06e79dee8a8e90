"""How each model is opened, by whoever is to compute it: functions that travel by name, with the values of settings."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, get_args

from bot.settings import Settings
from nlp.backends import Choice
from nlp.encoder import Encoder, load_encoder, pick_device
from nlp.generator import Generator, GeneratorConfig, open_generator
from nlp.reader import open_span_reader
from nlp.reranker import Reranker, load_reranker
from nlp.span_reader import SpanReader

Kind = Literal["encoder", "router", "spans", "reranker", "generator"]
_APPLICATION = re.compile(rf"dawen-({'|'.join(get_args(Kind))})-[0-9a-f]{{8}}")
_OF_SERVERS = ("url", "key", "retries")  # of a generator, which a node does not need


@dataclass(frozen=True)
class Recipe:
    """What opens the encoder, and what opens the close reader, reranker and chat model where there are any."""

    encoder: Callable[[], Encoder]
    spans: Callable[[], SpanReader] | None = None
    reranker: Callable[[], Reranker] | None = None
    generator: Callable[[], Generator] | None = None

    @property
    def opens(self) -> dict[Kind, Callable[[], Any]]:
        """What each kind of replica opens; routers have an encoder of their own."""
        wanted: dict[Kind, Callable[[], Any] | None] = {
            "encoder": self.encoder,
            "router": self.encoder,
            "spans": self.spans,
            "reranker": self.reranker,
            "generator": self.generator,
        }
        return {kind: opens for kind, opens in wanted.items() if opens}

    @property
    def applications(self) -> dict[Kind, str]:
        """What they are called on a cluster; see `is_ours`."""
        return {kind: f"dawen-{kind}-{self.digest}" for kind in self.opens}

    @property
    def digest(self) -> str:
        """Names what is opened, with which Dawen: bots of one digest can share the models that are opened so."""
        said = [version("dawen"), *(_described(getattr(self, part.name)) for part in fields(self))]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:8]


def is_ours(application: str) -> bool:
    """Whether an application on a cluster has a name as Dawen gives them, for these settings or for others."""
    return _APPLICATION.fullmatch(application) is not None


def recipe_of(settings: Settings, generator: GeneratorConfig) -> Recipe:
    """What the settings ask for, with caches of the node that opens it. A generator that asks a server stays here."""
    spoken = {
        field.name: getattr(generator, field.name) for field in fields(generator) if field.name not in _OF_SERVERS
    }
    return Recipe(
        encoder=partial(_encoder, settings.encoder, settings.device, settings.backend),
        spans=partial(_spans, settings.device, cached=settings.backend != "torch"),
        reranker=partial(_reranker, settings.reranker, settings.device) if settings.reranker else None,
        generator=partial(_generator, **spoken) if settings.generator == "transformers" else None,
    )


def node_cache() -> Path:
    """Where a node keeps the graphs that it compiles of the bundled models."""
    return Path.home() / ".cache" / "dawen" / "encoder"


def _encoder(name: str, device: str, backend: Choice) -> Encoder:
    return load_encoder(name, device, node_cache(), backend)


def _spans(device: str, *, cached: bool) -> SpanReader:
    found = open_span_reader(device, node_cache() if cached else None)
    assert found is not None  # noqa: S101 - the weights come with Dawen
    return found


def _reranker(name: str, device: str) -> Reranker:
    return load_reranker(name, pick_device(device))


def _generator(**settings: Any) -> Generator:
    return open_generator(GeneratorConfig(**settings))


def _described(opens: object) -> str:
    if isinstance(opens, partial):
        return f"{opens.func.__qualname__} {opens.args} {sorted(opens.keywords.items())}"
    return getattr(opens, "__qualname__", repr(opens))
