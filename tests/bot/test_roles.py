"""What a process is for, and which seat it has on a home folder."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from bot.app import only_bot
from bot.errors import FolderTaken, SettingsError
from bot.roles import Role, Seat, take_seat
from bot.settings import Settings, load_settings

SHARED = "postgresql://ada@127.0.0.1/dawen"
PARTS = (Role.RECEIVER, Role.WORKER, Role.TRAINER)


def settings(home: Path, **other: str) -> Settings:
    chosen = {"database": SHARED, "telegram_bot_token": "1:x", "role": "worker", **other}
    return load_settings(home=home, **chosen)


def seat(stack: ExitStack, chosen: Settings) -> Seat:
    return stack.enter_context(take_seat(chosen))


def test_all_does_every_part_and_each_part_itself() -> None:
    assert all(Role.ALL.does(part) for part in PARTS)
    assert [[part.does(other) for other in PARTS] for part in PARTS] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]


def test_processes_on_one_home_folder_have_seats_of_their_own_and_after_a_restart_the_same(tmp_path: Path) -> None:
    with ExitStack() as others:
        seat(others, settings(tmp_path, role="all"))
        with ExitStack() as one:
            first, second = seat(one, settings(tmp_path)), seat(others, settings(tmp_path, role="receiver"))
        again = seat(others, settings(tmp_path))
    assert (first.number, second.number) == (1, 2)
    assert again == first
    assert first.holder != second.holder
    assert settings(tmp_path).index_of(first.number) != settings(tmp_path).index_of(second.number)


def test_another_home_folder_has_other_seats(tmp_path: Path) -> None:
    with ExitStack() as both:
        here, there = (seat(both, settings(tmp_path / name)) for name in ("here", "there"))
    assert here.number == there.number
    assert here.holder != there.holder


def test_one_process_does_all_on_a_home_folder(tmp_path: Path) -> None:
    chosen = settings(tmp_path, role="all", database="")
    with only_bot(tmp_path), pytest.raises(FolderTaken), take_seat(chosen):
        pass


@pytest.mark.parametrize("role", PARTS)
def test_a_part_needs_a_database_for_several_processes_and_telegram(tmp_path: Path, role: Role) -> None:
    for missing, remedy in (
        ("database", "DAWEN_DATABASE to a PostgreSQL"),
        ("telegram_bot_token", "TELEGRAM_BOT_TOKEN"),
    ):
        refused = pytest.raises(SettingsError, match=f"role '{role.value}' needs .*: set {remedy}")
        with refused, take_seat(settings(tmp_path, role=role.value, **{missing: ""})):
            pass
