"""`dawen inbox list`, `retry` and `drop`."""

import asyncio
from pathlib import Path

from storage.database import Database
from storage.records import NewUpdate
from tests.support.terminal import Terminal

SECRET = "what somebody wrote"


def set_aside(home: Path, count: int) -> None:
    """Let some updates have failed."""

    async def store() -> None:
        database = Database(f"sqlite:///{home}/dawen.db")
        async with database.write() as tx:
            for number in range(count):
                added = await tx.inbox.add(NewUpdate(1, number, f"chat:{number}", {"message": {"text": SECRET}}))
                assert added is not None
                await tx.inbox.begin(added.id)
                await tx.inbox.finish(added.id, "failed")
        await database.close()

    asyncio.run(store())


def test_what_was_set_aside_is_shown_without_its_words_and_tried_again_or_dropped(
    terminal: Terminal, tmp_path: Path
) -> None:
    assert terminal("inbox", "list", "--json").json == {"waiting": 0, "set_aside": []}
    set_aside(tmp_path / "home", 4)
    listed = terminal("inbox", "list", "--json").json["set_aside"]
    assert [(update["id"], update["outcome"], update["attempts"]) for update in listed][:2] == [
        (1, "failed", 1),
        (2, "failed", 1),
    ]
    shown = terminal("inbox", "list").out
    assert "0 wait for their turn, 4 were set aside" in shown
    assert "chat:3" in shown
    assert SECRET not in shown
    assert terminal("inbox", "drop", "2", "--json").json == {"drop": 1}
    assert "1 updates: tried again" in terminal("inbox", "retry", "1").out
    assert terminal("inbox", "list", "--json").json["waiting"] == 1
    assert terminal("inbox", "retry", "--json").json == {"retry": 2}
    assert terminal("inbox", "list", "--json").json == {"waiting": 3, "set_aside": []}


def test_a_number_that_is_unknown_changes_nothing(terminal: Terminal, tmp_path: Path) -> None:
    terminal("inbox", "list")
    set_aside(tmp_path / "home", 1)
    for action in ("retry", "drop"):
        complaint = terminal("inbox", action, "1", "77").complaint
        assert "number 77 is of nothing that was set aside: see 'dawen inbox list'" in complaint
    assert len(terminal("inbox", "list", "--json").json["set_aside"]) == 1
