"""What routes a text here, side by side: Dawen's architectures, and what people build from well-known libraries.

The peers are sentence-transformers with scikit-learn's logistic regression, on the very weights that Dawen bundles, and
scikit-learn's TF-IDF of words and characters with a linear support vector machine.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks import baseline
from benchmarks.encoders import NoEncoder
from nlp.architectures.fused import fused_scorer, light_encoder
from nlp.encoder import Encoder, bundled_folder, quiet_transformers
from nlp.evaluation.remembering import Memory, RememberingEncoder
from nlp.router import Router
from nlp.training import run
from nlp.training.configs import LstmConfig
from nlp.training.data import Example
from nlp.training.router import DEFAULT, train_router
from nlp.types import Route

BATCH = 64
_PEER_C = 30.0  # of 1, 10, 30, 100 the best on CLINC150 val (7500 rows: 0.942, 0.954, 0.954, 0.950); 1 is the usual

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Cost:
    """Seconds that embedding the training texts took, and that all else of the training took."""

    embed_seconds: float
    train_seconds: float


@dataclass(frozen=True)
class Decisions:
    """About n texts: labels (n), topics (n) or none, and (n,) how sure (None: no probability) and how familiar."""

    labels: list[str]
    topics: list[str]
    confidence: Floats | None
    support: Floats


class Contender(Protocol):
    """One way to route texts."""

    @property
    def name(self) -> str: ...
    @property
    def trains_once(self) -> bool:
        """Whether training takes too long to be repeated."""
        ...

    @property
    def uses_encoder(self) -> bool:
        """Whether the bundled encoder does most of its arithmetic."""
        ...

    def fit(self, examples: Sequence[Example]) -> Cost:
        """Train anew; vectors of texts seen before are kept, so only the first time embeds."""
        ...

    def decide(self, texts: Sequence[str]) -> Decisions:
        """From texts to decisions, with nothing kept from texts seen before."""
        ...

    def size_mb(self) -> float:
        """What training made, in 10^6 bytes, without the encoder."""
        ...

    def forget(self) -> None:
        """Drop what was kept of texts seen in training."""
        ...


class _Routed:
    """What contenders that are routers have in common."""

    router: Router

    def decide(self, texts: Sequence[str]) -> Decisions:
        """See `Contender.decide`."""
        return _decisions(self.router.route_many(texts))

    def size_mb(self) -> float:
        """See `Contender.size_mb`."""
        return sum(array.nbytes for array in self.router.to_arrays()[1].values()) / 1e6

    def forget(self) -> None:
        """See `Contender.forget`."""


def _decisions(routes: Sequence[Route]) -> Decisions:
    topics = [route.topic.label for route in routes if route.topic]
    sure = np.array([route.intent.score for route in routes])
    return Decisions([route.intent.label for route in routes], topics, sure, np.array([r.scope_score for r in routes]))


class Fused(_Routed):
    """Dawen's default router."""

    name, trains_once = "Dawen fused", False

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = RememberingEncoder(encoder)
        self.uses_encoder = not isinstance(encoder, NoEncoder)

    def fit(self, examples: Sequence[Example]) -> Cost:
        """See `Contender.fit`."""
        start, embedded = time.perf_counter(), self._encoder.memory.seconds
        router = run(train_router(examples, self._encoder, DEFAULT))
        embed = self._encoder.memory.seconds - embedded
        cost = Cost(embed, time.perf_counter() - start - embed)
        self.router = with_encoder(router, self._encoder.inner)
        return cost

    def forget(self) -> None:
        """See `Contender.forget`."""
        self._encoder.memory.forget()


def with_encoder(router: Router, encoder: Encoder) -> Router:
    """The fused router on another form of its encoder."""
    scorer = fused_scorer(router)
    light = light_encoder(encoder) if scorer.light else None
    return Router(replace(scorer, encoder=encoder, light=light), router.calibration)


class Lstm(_Routed):
    """Dawen's embedding and LSTM router."""

    name, trains_once, uses_encoder = "Dawen lstm", True, False

    def __init__(self, config: LstmConfig | None = None) -> None:
        self._config = config or LstmConfig()

    def fit(self, examples: Sequence[Example]) -> Cost:
        """See `Contender.fit`."""
        start = time.perf_counter()
        self.router = run(train_router(examples, NoEncoder(), self._config))
        return Cost(0.0, time.perf_counter() - start)


class SentenceTransformerLogistic:
    """Sentence-transformers and logistic regression; familiar is what gets a high probability (Hendrycks 2017)."""

    name, trains_once, uses_encoder = "sentence-transformers + logistic regression", False, True

    def __init__(self, encode: Callable[[list[str]], Floats]) -> None:
        from sklearn.linear_model import LogisticRegression

        self._encode = encode
        self._memory = Memory(lambda texts: list(encode(texts)))
        self._model: Any = LogisticRegression(C=_PEER_C, max_iter=1000)

    def fit(self, examples: Sequence[Example]) -> Cost:
        """See `Contender.fit`."""
        embedded = self._memory.seconds
        vectors = np.stack(self._memory([e.text for e in examples]))
        start = time.perf_counter()
        self._model.fit(vectors, [e.intent for e in examples])
        return Cost(self._memory.seconds - embedded, time.perf_counter() - start)

    def decide(self, texts: Sequence[str]) -> Decisions:
        """See `Contender.decide`."""
        probabilities = self._model.predict_proba(self._encode(list(texts)))
        best = probabilities.max(axis=1)
        return Decisions([str(x) for x in self._model.classes_[probabilities.argmax(axis=1)]], [], best, best)

    def size_mb(self) -> float:
        """See `Contender.size_mb`."""
        return float(self._model.coef_.nbytes + self._model.intercept_.nbytes) / 1e6

    def forget(self) -> None:
        """See `Contender.forget`."""
        self._memory.forget()


class TfidfSvm:
    """TF-IDF and a linear support vector machine; familiar is what gets a large margin."""

    name, trains_once, uses_encoder = "TF-IDF + linear SVM", False, False

    def fit(self, examples: Sequence[Example]) -> Cost:
        """See `Contender.fit`."""
        self._model = baseline.pipeline()
        start = time.perf_counter()
        self._model.fit([e.text for e in examples], [e.intent for e in examples])
        return Cost(0.0, time.perf_counter() - start)

    def decide(self, texts: Sequence[str]) -> Decisions:
        """See `Contender.decide`."""
        margins, classes = self._model.decision_function(list(texts)), self._model.classes_
        if margins.ndim == 1:  # of two classes, scikit-learn gives the margin of the second
            margins = np.stack([-margins, margins], axis=1)
        return Decisions([str(x) for x in classes[margins.argmax(axis=1)]], [], None, margins.max(axis=1))

    def size_mb(self) -> float:
        """See `Contender.size_mb`."""
        names = self._model[:-1].get_feature_names_out()
        return float(self._model[-1].coef_.nbytes + 8 * len(names) + sum(len(name.encode()) for name in names)) / 1e6

    def forget(self) -> None:
        """See `Contender.forget`."""


def sentence_transformer() -> Callable[[Sequence[str]], Any]:
    """How sentence-transformers embeds texts on this CPU with the bundled weights."""
    from sentence_transformers import SentenceTransformer

    with quiet_transformers():
        model = SentenceTransformer(str(bundled_folder()), device="cpu", model_kwargs={"use_safetensors": True})
    return lambda texts: model.encode(list(texts), batch_size=BATCH, show_progress_bar=False)
