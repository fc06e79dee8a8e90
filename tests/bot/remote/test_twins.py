"""What stands in for models on a cluster, while that answers, while it does not, and when it is lost in between."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from ray.exceptions import ActorDiedError, RayTaskError

from bot.errors import ClusterAway
from bot.remote.cluster import Cluster
from bot.remote.twins import RemoteEncoder, RemoteGenerator, remote_reranker, remote_router, remote_spans
from nlp.encoder import Encoder
from nlp.errors import EncoderError, GeneratorError
from nlp.generator import Budget, Task
from nlp.model_store import ModelStore
from nlp.reader import Reading
from nlp.router import load_router
from nlp.training.router import DEFAULT, save_router
from tests.support.apps import small_models
from tests.support.clusters import id_spans
from tests.support.models import EXAMPLES, BagEncoder

TEXTS = ["how do i reset my password", "怎么重置密码"]


class Response:
    """What a handle gives: a value, or what goes wrong in the waiting for it."""

    def __init__(self, outcome: Any) -> None:
        self._outcome = outcome

    def result(self, timeout_s: float) -> Any:
        """See `ray.serve.handle.DeploymentResponse.result`."""
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


class Handle:
    """Gives the outcomes of a list, one a call, and remembers what was asked."""

    def __init__(self, *outcomes: Any) -> None:
        self._outcomes = list(outcomes)
        self.asked: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, method: str) -> Any:
        class Method:
            @staticmethod
            def remote(*args: Any) -> Response:
                self.asked.append((method, args))
                return Response(self._outcomes.pop(0))

        return Method


def cluster_of(**handles: Handle) -> Cluster:
    return Cluster(cast("Any", handles), streams=False)


def test_a_replica_that_died_is_replaced_by_another() -> None:
    handle = Handle(ActorDiedError(), ("bag", "bag", 64))
    cluster = cluster_of(encoder=handle)
    assert cluster.ask("encoder", "about") == ("bag", "bag", 64)
    assert cluster.there
    assert len(handle.asked) == 2


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionError("not connected")])
def test_a_cluster_that_gives_no_answer_is_left_alone_for_a_while(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = Handle(error, "again")
    cluster = cluster_of(encoder=handle)
    for _ in range(2):
        with pytest.raises(ClusterAway):
            cluster.ask("encoder", "about")
    assert (len(handle.asked), cluster.there) == (1, False)
    monkeypatch.setattr("bot.remote.cluster._AWAY_SECONDS", 0.0)
    cluster._away_until = 0.0
    assert cluster.there
    assert cluster.ask("encoder", "about") == "again"


def test_what_a_model_raises_arrives_as_it_was() -> None:
    cluster = cluster_of(reranker=Handle(RayTaskError("score", "long account", ValueError("a bad passage"))))
    with pytest.raises(ValueError, match=r"^a bad passage$"):
        cluster.ask("reranker", "score", [])
    assert cluster.there


def encoder_of(cluster_says: Sequence[Any], near: Encoder) -> tuple[RemoteEncoder, Handle, list[Encoder]]:
    opened: list[Encoder] = []

    def opens() -> Encoder:
        opened.append(near)
        return near

    handle = Handle(("bag", "bag", 64), *cluster_says)
    return RemoteEncoder(cluster_of(encoder=handle), opens), handle, opened


def test_an_encoder_computes_here_while_the_cluster_is_away_and_is_opened_once() -> None:
    encoder, handle, opened = encoder_of([TimeoutError()], BagEncoder())
    for _ in range(2):
        found = encoder.encode(TEXTS, "query", -1.0)
        np.testing.assert_array_equal(found.vectors, BagEncoder().encode(TEXTS, "query", -1.0).vectors)
    assert encoder.features(TEXTS).coverage.tolist() == [1.0, 0.0]
    assert len(opened) == 1
    assert [method for method, _ in handle.asked] == ["about", "encode"]


def test_another_encoder_here_is_refused_because_its_vectors_are_others() -> None:
    encoder, _, _ = encoder_of([TimeoutError()], BagEncoder("other"))
    with pytest.raises(EncoderError, match="'other'"):
        encoder.encode(TEXTS)


def test_many_texts_are_asked_for_in_parts() -> None:
    parts = [BagEncoder().encode(["a"] * size) for size in (128, 128, 44)]
    encoder, handle, _ = encoder_of(parts, BagEncoder())
    assert len(encoder.encode(["a"] * 300)) == 300
    assert [len(args[0]) for _, args in handle.asked[1:]] == [128, 128, 44]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A stored router."""
    store = ModelStore(tmp_path)
    return store.folder("router", save_router(small_models().router, store, EXAMPLES, DEFAULT).version)


def test_a_version_is_sent_once_it_is_asked_for_and_named_in_every_call(folder: Path) -> None:
    here = load_router(folder, BagEncoder())[0]
    scores = here.scorer.score(TEXTS)
    handle = Handle(None, here.scorer.score([""]), scores)
    encoder, _, _ = encoder_of([], BagEncoder())
    router = remote_router(cluster_of(router=handle), folder, encoder)
    assert router.route_many(TEXTS) == here.route_many(TEXTS)
    (_, first), (_, sent), (_, later) = handle.asked
    assert (first[0], sent[0], later) == (folder.name, folder.name, (folder.name, TEXTS))
    assert set(sent[2]) == {path.name for path in folder.iterdir()}


def test_a_router_routes_here_while_the_cluster_is_away(folder: Path) -> None:
    encoder, _, _ = encoder_of([TimeoutError()], BagEncoder())
    router = remote_router(cluster_of(router=Handle(TimeoutError())), folder, encoder)
    assert router.route_many(TEXTS) == load_router(folder, BagEncoder())[0].route_many(TEXTS)
    assert router.to_arrays()[0] == load_router(folder, BagEncoder())[0].to_arrays()[0]


def test_without_a_reranker_passages_stay_in_the_order_of_the_search() -> None:
    reranker = remote_reranker(cluster_of(reranker=Handle("words", TimeoutError())))
    assert reranker.order("a", ["b", "a", "c"]) == [0, 1, 2]


def test_sentences_are_read_here_while_the_cluster_is_away() -> None:
    spans = remote_spans(cluster_of(spans=Handle(TimeoutError())), id_spans)
    asked = ("when does it open?", ["It opens at nine."])
    assert spans.read(*asked) == id_spans().read(*asked)


@pytest.mark.parametrize("error", [TimeoutError(), RayTaskError("write", "account", GeneratorError("no memory"))])
def test_a_generator_that_is_away_or_fails_says_so_and_the_answer_is_quoted(error: Exception) -> None:
    generator = RemoteGenerator(cluster_of(generator=Handle(("chat", True), error)))
    with pytest.raises(GeneratorError):
        list(generator.stream(Task("what?", "en", Reading((), 0.0)), Budget.start()))
