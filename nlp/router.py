"""The router: one message to its intent, its topic, and whether it is anything the bot was made for.

Three architectures (`nlp.architectures`) score texts; what follows is the same for all of them. Probabilities are
calibrated by temperature scaling (Guo et al. 2017, "On Calibration of Modern Neural Networks"); out-of-scope text is
told by how little support it finds in what was learned. `nlp.training.router` makes routers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nlp.encoder import Encoder
from nlp.errors import ModelError
from nlp.model_store import Arrays, Manifest, read_manifest, read_model
from nlp.text import detect_language
from nlp.types import Prediction, Route

KIND = "router"
OUT_OF_SCOPE = "out_of_scope"
_SHOWN = 5  # how many labels a Route carries per head

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Head:
    """One question that the router answers: its labels in column order, and the temperature that calibrates it."""

    labels: tuple[str, ...]
    temperature: float


@dataclass(frozen=True)
class Scope:
    """Support to scope score: `1 / (1 + exp(-(support - threshold) / width))`, so 0.5 lies at the threshold."""

    threshold: float
    width: float

    def score(self, support: Floats) -> Floats:
        """Scope scores (n,) in [0, 1] for supports (n,)."""
        scores: Floats = 1 / (1 + np.exp(-np.clip((support - self.threshold) / self.width, -30, 30)))
        return scores


@dataclass(frozen=True)
class Calibration:
    """What turns scores into decisions: heads (intent first), scope, and the probability from which to be sure."""

    heads: tuple[Head, ...]
    scope: Scope
    confidence: float


@dataclass(frozen=True)
class Scores:
    """What an architecture says of n texts.

    `logits` (n, c) holds the columns of all heads side by side; `support` (n,) is high where a text resembles what
    was learned; `coverage` (n,) in [0, 1] is the share of each text that the architecture knows.
    """

    logits: Floats
    support: Floats
    coverage: Floats


class Scorer(Protocol):
    """What architectures differ in: how texts get their logits."""

    @property
    def architecture(self) -> str: ...
    def score(self, texts: Sequence[str]) -> Scores:
        """Scores of any number of texts of any length."""
        ...

    def to_arrays(self) -> tuple[dict[str, Any], Arrays]:
        """The configuration and arrays from which `nlp.architectures.load_scorer` builds it again."""
        ...


class Router:
    """Routes texts. Immutable once built, so a new one can take its place between two messages."""

    def __init__(self, scorer: Scorer, calibration: Calibration, version: str = "unsaved") -> None:
        self.scorer = scorer
        self.calibration = calibration
        self.version = version

    @property
    def heads(self) -> tuple[Head, ...]:
        """Intent first, then topic if the router knows topics."""
        return self.calibration.heads

    @property
    def confidence(self) -> float:
        """The probability from which the best intent is taken without asking."""
        return self.calibration.confidence

    def route(self, text: str) -> Route:
        """The route of one text; any text has one, the empty text too."""
        return self.route_many([text])[0]

    def route_many(self, texts: Sequence[str]) -> list[Route]:
        """The routes of many texts, in one pass."""
        if not texts:
            return []
        scores = self.scorer.score(texts)
        scope = self.calibration.scope.score(scores.support)
        heads, start = [], 0
        for head in self.heads:
            heads.append(softmax(scores.logits[:, start : start + len(head.labels)] / head.temperature))
            start += len(head.labels)
        return [
            self._as_route(
                text, [probabilities[i] for probabilities in heads], float(scope[i]), float(scores.coverage[i])
            )
            for i, text in enumerate(texts)
        ]

    def _as_route(self, text: str, heads: list[Floats], scope: float, coverage: float) -> Route:
        ranked = [_best(head.labels, row) for head, row in zip(self.heads, heads, strict=True)]
        intents = ranked[0]
        strange = next((float(heads[0][i]) for i, x in enumerate(self.heads[0].labels) if x == OUT_OF_SCOPE), 0.0)
        return Route(
            language=detect_language(text),
            intents=intents,
            topics=ranked[1] if len(ranked) > 1 else (),
            scope_score=scope * (1 - strange),
            in_scope=scope >= 0.5 and intents[0].label != OUT_OF_SCOPE,
            confident=intents[0].score >= self.confidence,
            coverage=coverage,
        )

    def to_arrays(self) -> tuple[dict[str, Any], Arrays]:
        """The configuration and arrays that `from_arrays` needs to build this router again."""
        scorer, arrays = self.scorer.to_arrays()
        calibration = {
            "heads": [{"labels": list(head.labels), "temperature": head.temperature} for head in self.heads],
            "scope": asdict(self.calibration.scope),
            "confidence": self.confidence,
        }
        return {"scorer": scorer, "calibration": calibration}, arrays

    @classmethod
    def from_arrays(
        cls, architecture: str, configuration: Mapping[str, Any], arrays: Arrays, encoder: Encoder, version: str
    ) -> "Router":
        """The router that `to_arrays` described.

        Raises:
            ModelError: its architecture is not known, it was trained with another encoder, or it lacks something.
        """
        from nlp.architectures import load_scorer

        try:
            scorer = load_scorer(architecture, configuration["scorer"], arrays, encoder)
            return cls(scorer, _calibration(configuration["calibration"]), version)
        except ModelError as error:
            raise ModelError(f"router {version!r} {error}: train it again with 'dawen train router'") from error
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise ModelError(f"router {version!r} lacks {error}: train it again with 'dawen train router'") from error


def _calibration(raw: Mapping[str, Any]) -> Calibration:
    heads = tuple(Head(tuple(head["labels"]), head["temperature"]) for head in raw["heads"])
    return Calibration(heads, Scope(**raw["scope"]), raw["confidence"])


def load_router(folder: Path, encoder: Encoder) -> tuple[Router, Manifest]:
    """The router in a model folder.

    Raises:
        ModelError: the folder holds no intact router, or one for another encoder.
    """
    manifest, arrays = read_model(folder)
    if manifest.kind != KIND:
        raise ModelError(f"{str(folder)!r} holds a {manifest.kind}, not a {KIND}")
    router = Router.from_arrays(manifest.architecture, manifest.configuration, arrays, encoder, manifest.version)
    return router, manifest


def router_with(folder: Path, scorer: Callable[[str], Scorer]) -> Router:
    """The router in a model folder with a scorer of another place, made for its architecture: all but its weights.

    Raises:
        ModelError: the folder holds no router.
    """
    manifest = read_manifest(folder)
    if manifest.kind != KIND:
        raise ModelError(f"{str(folder)!r} holds a {manifest.kind}, not a {KIND}")
    calibration = _calibration(manifest.configuration["calibration"])
    return Router(scorer(manifest.architecture), calibration, manifest.version)


def energy(logits: Floats) -> Floats:
    """The log-sum-exp of each row of logits (n, c): high where any class is well supported."""
    top = logits.max(axis=1)
    total: Floats = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
    return total


def softmax(logits: Floats) -> Floats:
    """Row-wise softmax of (n, c)."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    total: Floats = shifted / shifted.sum(axis=1, keepdims=True)
    return total


def _best(labels: tuple[str, ...], probabilities: Floats) -> tuple[Prediction, ...]:
    order = np.argsort(-probabilities, kind="stable")[:_SHOWN]
    return tuple(Prediction(labels[i], float(probabilities[i])) for i in order)
