"""What was learned beside the router: it serves where it can, is named, and nothing stops where it cannot."""

from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from bot.app import App
from bot.learned import open_models, serving, serving_folder
from bot.settings import load_settings
from nlp.adapter import KIND, QueryAdapter, load_adapter
from nlp.encoder import Encoded
from nlp.errors import ModelError
from nlp.filters import EVERYTHING
from nlp.model_store import ModelStore
from nlp.router import KIND as ROUTER
from nlp.thresholds import Thresholds
from nlp.training.retriever import describe_adapter
from tests.support.apps import private
from tests.support.models import DIMENSION, BagEncoder
from tests.support.training import serve_small_router

SHAPES = ((DIMENSION, 2), (2, DIMENSION))


def adapter(version: str = "v1") -> QueryAdapter:
    chance = np.random.default_rng(0)
    down, up = (chance.normal(size=shape).astype(np.float32) for shape in SHAPES)
    return QueryAdapter(down, up, "bag", version)


def test_the_promoted_version_serves_and_a_damaged_or_foreign_one_does_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = ModelStore(tmp_path)
    assert serving_folder(store, KIND) is None
    manifest = store.save(describe_adapter(adapter(), []), adapter().to_arrays())
    store.promote(KIND, manifest.version)
    found = serving(store, KIND, lambda folder: load_adapter(folder, BagEncoder()))
    assert found is not None
    assert found.version == manifest.version
    assert serving(store, KIND, lambda folder: load_adapter(folder, BagEncoder("other"))) is None
    assert "the bot goes on without" in caplog.text
    (tmp_path / KIND / "current").write_text("../router")
    assert serving(store, KIND, lambda folder: load_adapter(folder, BagEncoder())) is None


def test_a_store_that_is_not_reached_does_without_where_a_router_lies_here(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(home=tmp_path / "home", models="memory://bucket/dawen")
    monkeypatch.setattr(MemoryFileSystem, "glob", Mock(side_effect=TimeoutError))
    with pytest.raises(ModelError, match=r"'memory://bucket/dawen' cannot be reached \(TimeoutError\)"):
        open_models(settings)
    version = serve_small_router(settings).version
    assert open_models(settings).current(ROUTER) == version
    assert "cannot be reached" in caplog.text


async def test_only_the_dense_search_sees_the_adapter_and_answers_name_it(app: App) -> None:
    inference = app.inference
    question = "when are refunds paid"
    encoded = inference.models.encoder.encode([question], "query")
    before = await app.knowledge.index.search(question, encoded, 5, EVERYTHING)
    inference.models = replace(inference.models, adapter=adapter(), thresholds=Thresholds({"en": 0.4}, "t1"))
    after = await app.knowledge.index.search(question, encoded, 5, EVERYTHING)
    moved = Encoded(adapter().apply(encoded.vectors), encoded.coverage)
    assert {hit.key: hit.dense for hit in after} != {hit.key: hit.dense for hit in before}
    assert {hit.key: hit.lexical for hit in after} == {hit.key: hit.lexical for hit in before}
    inference.models = replace(inference.models, adapter=None)
    assert await app.knowledge.index.search(question, moved, 5, EVERYTHING) == after
    inference.models = replace(inference.models, adapter=adapter())
    for asked in (question, "退款什么时候支付？"):
        reply = await app.conversation.respond(private(asked))
        assert (reply.versions["retriever"], reply.versions["thresholds"]) == ("v1", "t1")
