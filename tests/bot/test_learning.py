"""Getting a router: loaded where one fits, trained where none does, and recorded."""

import asyncio
import json
import logging
from pathlib import Path

import pytest

from bot.learning import ensure_router, put_into_service, train_with_progress
from bot.progress import Silence
from nlp.encoder import Encoder
from nlp.errors import DataError
from nlp.model_store import ModelStore
from nlp.router import KIND, Router
from nlp.training.configs import FusedConfig
from nlp.training.data import read_examples, seed_files
from nlp.training.router import DEFAULT, save_router
from nlp.training.runlog import RunLog
from storage.database import Database
from tests.support.models import EXAMPLES, BagEncoder, small_router
from tests.support.terminal import write_lines, write_seeds


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """Training examples, and held-out ones that must not teach."""
    write_lines(tmp_path / "seeds" / "en.test.jsonl", [{"text": "held out", "intent": "question"}] * 5)
    return write_seeds(tmp_path / "seeds")


@pytest.fixture(autouse=True)
def quick_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few steps are enough for few examples."""
    monkeypatch.setattr("bot.learning.DEFAULT", FusedConfig(iterations=15))


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


async def ensure(database: Database, store: ModelStore, seeds: Path, encoder: Encoder | None = None) -> Router:
    return await ensure_router(database, store, encoder or BagEncoder(), seeds, Silence())


async def test_the_first_start_trains_and_records_what_taught_it(
    database: Database, store: ModelStore, seeds: Path
) -> None:
    router = await ensure(database, store, seeds)
    assert store.current(KIND) == router.version
    assert router.route("good morning").intent.label == "greeting"
    async with database.read() as tx:
        (version,) = await tx.models.versions(KIND)
        taught = await tx.models.count_examples(router.version)
    assert (version.version, version.promoted, taught) == (router.version, True, len(EXAMPLES))
    assert version.manifest["data"]["rows"] == len(EXAMPLES)
    assert version.manifest["data"]["sources"] == ["seeds.jsonl"]
    report = json.loads((store.folder(KIND, router.version) / "report.json").read_text())
    assert [stage["stage"] for stage in report["stages"]] == ["embed", "calibrate", "fit"]
    assert {"report.json", "report.html"} <= set(version.manifest["files"])


async def test_later_starts_load_it(database: Database, store: ModelStore, seeds: Path) -> None:
    first = await ensure(database, store, seeds)
    encoder = BagEncoder()
    second = await ensure(database, store, seeds, encoder)
    assert second.version == first.version
    assert encoder.calls == []
    async with database.read() as tx:
        assert len(await tx.models.versions(KIND)) == 1
        assert await tx.models.count_examples(first.version) == len(EXAMPLES)


async def test_a_router_from_elsewhere_is_recorded_when_it_serves(
    sqlite: Database, store: ModelStore, seeds: Path
) -> None:
    manifest = save_router(small_router(), store, EXAMPLES, DEFAULT, scores={"accuracy": 0.9})
    store.promote(KIND, manifest.version)
    router = await ensure(sqlite, store, seeds)
    async with sqlite.read() as tx:
        (version,) = await tx.models.versions(KIND)
    assert router.version == version.version == manifest.version
    assert (version.promoted, version.manifest["scores"]) == (True, {"accuracy": 0.9})


@pytest.mark.parametrize(
    ("victim", "content"),
    [
        ("{version}/model.safetensors", b"damaged"),
        ("{version}/manifest.json", b"{}"),
        ("{version}/manifest.json", b"\xff"),
        ("current", b"19990101-000000-gone\n"),
        ("current", b"../../etc\n"),
        ("current", b"\xff\xfe\n"),
    ],
)
async def test_a_damaged_router_is_trained_again(
    sqlite: Database, store: ModelStore, seeds: Path, tmp_path: Path, victim: str, content: bytes
) -> None:
    damaged = (await ensure(sqlite, store, seeds)).version
    (tmp_path / "models" / KIND / victim.format(version=damaged)).write_bytes(content)
    router = await ensure(sqlite, store, seeds)
    assert router.route("good morning").intent.label == "greeting"
    assert store.current(KIND) == router.version


async def saved(database: Database, store: ModelStore, count: int) -> list[str]:
    """Versions that served one after the other, each the parent of the next."""
    made = [await put_into_service(database, store, small_router(), EXAMPLES, ["mine.jsonl"]) for _ in range(count)]
    return [manifest.version for manifest in made]


def damage(store: ModelStore, version: str, name: str = "model.safetensors") -> None:
    path = store.folder(KIND, version) / name
    path.write_bytes(path.read_bytes()[:-1] + b"?")


@pytest.mark.parametrize("name", ["model.safetensors", "manifest.json"])
async def test_the_newest_sound_ancestor_of_a_damaged_router_serves(
    database: Database, store: ModelStore, seeds: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    first, second, third = await saved(database, store, 3)
    damage(store, third, name)
    router = await ensure(database, store, seeds)
    assert (router.version, store.current(KIND)) == (second, second)
    assert f"router {second} serves again" in caplog.text
    damage(store, second, name)
    assert (await ensure(database, store, seeds)).version == first
    assert len(store.versions(KIND)) == 3


async def test_one_that_was_taken_back_serves_only_where_no_ancestor_is_sound(
    sqlite: Database, store: ModelStore, seeds: Path
) -> None:
    first, taken_back = await saved(sqlite, store, 2)
    store.promote(KIND, first)
    (third,) = await saved(sqlite, store, 1)
    never_served = save_router(small_router(), store, EXAMPLES, DEFAULT, parent=third).version
    damage(store, third)
    assert (await ensure(sqlite, store, seeds)).version == first
    damage(store, first)
    assert (await ensure(sqlite, store, seeds)).version == taken_back
    damage(store, taken_back)
    assert (await ensure(sqlite, store, seeds)).version not in {first, taken_back, third, never_served}


@pytest.mark.parametrize("pointer", [b"19990101-000000-gone\n", b"../../etc\n", b"\xff\xfe\n", b""])
async def test_a_damaged_pointer_leads_to_the_newest_router_that_served(
    sqlite: Database, store: ModelStore, seeds: Path, tmp_path: Path, pointer: bytes
) -> None:
    _, second = await saved(sqlite, store, 2)
    (tmp_path / "models" / KIND / "current").write_bytes(pointer)
    assert (await ensure(sqlite, store, seeds)).version == second
    assert store.current(KIND) == second


async def test_a_router_of_another_encoder_is_trained_again_and_said_so(
    sqlite: Database, store: ModelStore, seeds: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = await ensure(sqlite, store, seeds)
    with caplog.at_level(logging.WARNING):
        second = await ensure(sqlite, store, seeds, BagEncoder("another"))
    assert second.version != first.version
    assert "training a new one" in caplog.text
    assert store.versions(KIND) == [first.version, second.version]
    manifest = json.loads((store.folder(KIND, second.version) / "manifest.json").read_text())
    assert (manifest["parent"], manifest["configuration"]["scorer"]["encoder"]) == (first.version, "another")


async def test_seeds_that_cannot_teach_are_named_and_nothing_is_kept(
    sqlite: Database, store: ModelStore, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=r"holds no \.jsonl files"):
        await ensure(sqlite, store, tmp_path / "nowhere")
    write_lines(tmp_path / "few" / "one.jsonl", [{"text": "hello", "intent": "greeting"}])
    with pytest.raises(DataError, match="at least two different labels"):
        await ensure(sqlite, store, tmp_path / "few")
    assert store.current(KIND) is None
    async with sqlite.read() as tx:
        assert await tx.models.versions(KIND) == []


async def test_training_gives_way_and_can_be_given_up(store: ModelStore, seeds: Path) -> None:
    examples = read_examples(*seed_files(seeds))
    training = asyncio.create_task(train_with_progress(examples, BagEncoder(), Silence(), RunLog()))
    beats = 0
    while not training.done() and beats < 5:
        await asyncio.sleep(0)
        beats += 1
    training.cancel()
    with pytest.raises(asyncio.CancelledError):
        await training
    assert beats == 5
    assert store.versions(KIND) == []


async def test_a_new_router_serves_and_knows_its_parent_and_its_rows(sqlite: Database, store: ModelStore) -> None:
    first, second = [
        await put_into_service(sqlite, store, small_router(), rows, ["mine.jsonl"], {"accuracy": 0.9})
        for rows in (EXAMPLES, EXAMPLES[2:])
    ]
    assert (first.parent, second.parent, store.current(KIND)) == (None, first.version, second.version)
    async with sqlite.read() as tx:
        assert [version.promoted for version in await tx.models.versions(KIND)] == [True, True]
        assert await tx.models.count_examples(second.version) == len(EXAMPLES) - 2
