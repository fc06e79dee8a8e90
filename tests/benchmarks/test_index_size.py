"""The made-up knowledge of the benchmark."""

from pathlib import Path

import numpy as np

from benchmarks.index_size import Maker, answer_ms, changes, fill, made_questions, search_ms
from bot.knowledge import visible_scopes
from storage.database import Database
from tests.support.apps import small_app
from tests.support.models import DIMENSION


def test_documents_are_the_same_every_time_with_unit_vectors() -> None:
    first, again = (Maker(DIMENSION, "bag").document(1, "shared", 4, said="zanzibar") for _ in range(2))
    assert first == again
    assert all(chunk.text.startswith("zanzibar ") for chunk in first.chunks)
    assert {chunk.language for chunk in first.chunks} == {"en", "zh"}
    vectors = np.stack([np.frombuffer(chunk.vector, "<f4") for chunk in first.chunks])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


async def test_changes_are_seen_and_searches_and_answers_timed(sqlite: Database, tmp_path: Path) -> None:
    async with small_app(sqlite, tmp_path) as app:
        maker = Maker(DIMENSION, app.inference.models.encoder.fingerprint)
        await fill(sqlite, maker, 200)
        await app.knowledge.index.refresh()
        assert app.knowledge.index.size >= 200
        questions = made_questions(3)
        assert len(await search_ms(app, questions, visible_scopes(1))) == 3
        assert len(await answer_ms(app, questions)) == 3
        assert min(await changes(app, sqlite, maker)) > 0
