"""What the database no longer has leaves the snapshots too, whoever deleted it and whatever came between."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.judgements import FILE
from bot.launching import launch_trainer
from bot.retraining import Retraining
from bot.rollout import Rollouts
from bot.settings import Settings, load_settings
from bot.snapshots import freeze
from bot.unlearning import Unlearning
from nlp.learning import snapshot_store
from nlp.training.feature_cache import CachedEncoder
from storage.database import Database
from storage.records import Forgotten
from tests.support.models import BagEncoder
from tests.support.training import teach, write_small_seeds

LABELS: Sequence[tuple[str, str, str | None]] = [
    ("remind me to call", "reminder", None),
    ("提醒我付款", "reminder", None),
    ("remind me to swim", "reminder", None),
    ("提醒我游泳", "reminder", None),
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path, seeds=write_small_seeds(tmp_path / "seeds"), consent="assumed")


@pytest.fixture
def unlearning(settings: Settings, database: Database) -> Unlearning:
    return Unlearning(settings, database, Retraining(settings, database, Rollouts(settings, database), launch_trainer))


async def forget_elsewhere(database: Database, person: int) -> Forgotten:
    """As another machine does, whose home folder is another one."""
    async with database.write() as tx:
        return await tx.privacy.forget(person, keep_shared=False)


def texts_in(folder: Path) -> set[str]:
    return {row.text for row in snapshot_store.read(folder).rows}


@pytest.mark.parametrize("number", [0, 1])
async def test_what_another_machine_forgot_leaves_snapshots_features_and_unfinished_runs(
    settings: Settings, database: Database, unlearning: Unlearning, number: int
) -> None:
    messages, gone = await teach(database, LABELS), LABELS[number][0]
    folder = (await freeze(database, settings)).folder
    CachedEncoder(BagEncoder(), settings.features_folder).features([gone, "other"])
    judged = settings.runs_folder / "7" / FILE
    write_judged(judged, messages)
    before = texts_in(folder)
    assert gone in before
    assert await unlearning.catch_up() == 0
    await forget_elsewhere(database, 5000 + number)
    assert await unlearning.catch_up() == 1
    assert texts_in(folder) == before - {gone}
    assert [row["message"] for row in json.loads(judged.read_text())["answers"]] == [
        message for message in messages if message != messages[number]
    ]
    assert kept(settings, [gone, "other"]) == ["other"]
    assert await unlearning.catch_up() == 0


def write_judged(path: Path, messages: Sequence[int]) -> None:
    path.parent.mkdir(parents=True)
    rows: list[dict[str, object]] = [
        {
            "message": message,
            "question": "q",
            "answer": "a",
            "answered": True,
            "confidence": None,
            "opinion": 1.0,
            "cited": [],
            "approved": [],
            "correction": "",
        }
        for message in messages
    ]
    path.write_text(json.dumps({"answers": rows, "passages": []}))


def kept(settings: Settings, texts: Sequence[str]) -> list[str]:
    """The texts whose features are remembered."""
    inner = BagEncoder()
    CachedEncoder(inner, settings.features_folder).features(texts)
    embedded = {text for call in inner.calls for text in call}
    return [text for text in texts if text not in embedded]


async def test_a_damaged_snapshot_goes_whole_and_keeps_no_other_from_being_cleared(
    settings: Settings, database: Database, unlearning: Unlearning, caplog: pytest.LogCaptureFixture
) -> None:
    await teach(database, LABELS)
    folder = (await freeze(database, settings)).folder
    damaged = settings.snapshots_folder / "000000000000"
    damaged.mkdir()
    (damaged / "manifest.json").write_text("{")
    await forget_elsewhere(database, 5000)
    assert await unlearning.catch_up() == 1
    assert LABELS[0][0] not in texts_in(folder)
    assert ("000000000000" in caplog.text, damaged.exists()) == (True, False)
