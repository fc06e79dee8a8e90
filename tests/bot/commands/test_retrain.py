"""`dawen retrain` trains in a process of its own, and `dawen models prune` keeps what is needed."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bot.commands import retraining as command
from bot.launching import launch_trainer
from bot.settings import Settings
from nlp.model_store import ModelStore
from nlp.router import KIND
from storage.database import Database
from tests.bot.test_retraining import NEW
from tests.support.databases import make_sqlite_template
from tests.support.models import BagEncoder
from tests.support.terminal import Terminal
from tests.support.training import ADMIN, inline, serve_small_router, teach, write_small_seeds


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with a small router in service and a database."""
    chosen: dict[str, Any] = {"home": tmp_path / "home"}
    found = Settings(**chosen)
    serve_small_router(found)
    make_sqlite_template(found.home / "dawen.db")
    write_small_seeds(found.home / "seeds")
    return found


@pytest.fixture
def terminal(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setattr(command, "launch_trainer", inline(BagEncoder()))
    seeds = str(settings.home / "seeds")
    return Terminal(
        {"DAWEN_HOME": str(settings.home), "DAWEN_SEEDS": seeds, "DAWEN_CONSENT": "assumed", "DAWEN_ADMINS": str(ADMIN)}
    )


def label(settings: Settings) -> None:
    async def work() -> None:
        database = Database(settings.database_url)
        await teach(database, NEW)
        await database.close()

    asyncio.run(work())


def test_what_people_said_is_learned_and_old_versions_are_pruned(terminal: Terminal, settings: Settings) -> None:
    assert terminal("retrain", "--json").json == {"runs": []}
    label(settings)
    (run,) = terminal("retrain", "--json").json["runs"]
    store = ModelStore(settings.models_folder)
    assert (run["promoted"], run["version"]) == (True, store.current(KIND))
    assert run["verdict"]["reasons"][0]["code"] == "new_labels"
    for _ in range(2):
        serve_small_router(settings)
    first, second, third, fourth = store.versions(KIND)
    assert terminal("models", "prune", "--keep", "1", "--json").json == {
        "removed": [third]
    }  # the second was rolled out
    assert store.versions(KIND) == [first, second, fourth]


@pytest.mark.slow
async def test_the_trainer_is_a_process_that_ends_without_its_parent(tmp_path: Path) -> None:
    from bot.errors import RunError

    with pytest.raises(RunError, match="ended with code 1"):
        await launch_trainer(tmp_path, lambda _: None)
    (tmp_path / "plan.json").write_text(json.dumps({"of": "another version"}))
    with pytest.raises(RunError, match="ended with code 1"):
        await launch_trainer(tmp_path, lambda _: None)
