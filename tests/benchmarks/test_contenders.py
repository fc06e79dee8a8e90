"""Those that are measured side by side."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from benchmarks.contenders import Contender, Fused, Lstm, SentenceTransformerLogistic, TfidfSvm
from benchmarks.encoders import NoEncoder
from nlp.evaluation.remembering import Memory
from nlp.training.configs import LstmConfig
from nlp.training.data import Example
from tests.support.models import EXAMPLES, BagEncoder

TEXTS = [example.text for example in EXAMPLES]


def embed(texts: Sequence[str]) -> Any:
    return BagEncoder().encode(texts, floor=-1.0).vectors


CONTENDERS: dict[str, Callable[[], Contender]] = {
    "fused": lambda: Fused(BagEncoder()),
    "lstm": lambda: Lstm(LstmConfig(epochs=1, hidden=4, dimension=4, attention=4, min_count=1)),
    "logistic": lambda: SentenceTransformerLogistic(embed),
    "svm": TfidfSvm,
}


@pytest.mark.parametrize("name", CONTENDERS)
def test_each_one_decides_what_it_was_taught(name: str) -> None:
    contender: Contender = CONTENDERS[name]()

    cost = contender.fit(EXAMPLES)
    decisions = contender.decide(TEXTS)

    assert cost.train_seconds > 0
    assert contender.size_mb() > 0
    assert set(decisions.labels) <= {example.intent for example in EXAMPLES}
    assert decisions.support.shape == (len(TEXTS),)
    assert decisions.confidence is None or np.all((decisions.confidence > 0) & (decisions.confidence <= 1))


@pytest.mark.parametrize("name", ["fused", "logistic", "svm"])
def test_what_was_taught_is_mostly_known(name: str) -> None:
    contender: Contender = CONTENDERS[name]()
    english = [example for example in EXAMPLES if example.text.isascii()]
    contender.fit(english)

    labels = contender.decide([example.text for example in english]).labels

    assert np.mean([label == example.intent for label, example in zip(labels, english, strict=True)]) > 0.9


def test_two_classes_are_decided_as_by_the_library() -> None:
    two = [example for example in EXAMPLES if example.intent in ("greeting", "summarize")]
    contender = TfidfSvm()
    contender.fit(two)

    assert contender.decide(TEXTS).labels == contender._model.predict(TEXTS).tolist()


def test_training_again_embeds_nothing_again() -> None:
    encoder = BagEncoder()
    contender = Fused(encoder)
    first = contender.fit(EXAMPLES)
    calls = len(encoder.calls)

    second = contender.fit(EXAMPLES)

    assert first.embed_seconds > 0
    assert second.embed_seconds == 0
    assert len(encoder.calls) == calls


def test_answers_are_computed_each_time() -> None:
    encoder = BagEncoder()
    contender = Fused(encoder)
    contender.fit(EXAMPLES)
    calls = len(encoder.calls)

    contender.decide([EXAMPLES[0].text])
    contender.decide([EXAMPLES[0].text])

    assert len(encoder.calls) == calls + 2


def test_memory_computes_a_text_once_until_it_forgets() -> None:
    asked: list[list[str]] = []

    def lengths(texts: list[str]) -> list[int]:
        asked.append(texts)
        return [len(text) for text in texts]

    memory = Memory(lengths)

    assert memory(["a", "bb", "a"]) == [1, 2, 1]
    assert memory(["bb", "ccc"]) == [2, 3]
    memory.forget()
    assert memory(["a"]) == [1]
    assert asked == [["a", "bb"], ["ccc"], ["a"]]


def test_without_an_encoder_a_router_relies_on_n_grams() -> None:
    contender = Fused(NoEncoder())
    contender.fit([Example(text, intent) for text, intent in ((e.text, e.intent) for e in EXAMPLES)])

    assert not contender.uses_encoder
    assert contender.decide(["早上好呀"]).labels == ["greeting"]
