"""Who may talk to the bot."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from bot.access import Access, new_code
from bot.dialogue import Person, Place
from bot.settings import Settings
from storage.database import Database
from storage.records import Role
from tests.support.apps import ADA, BO

PRIVATE = Place(BO.id, "private")
GROUP = Place(-5, "supergroup", "Team")


def access(database: Database, tmp_path: Path, **settings: Any) -> Access:
    return Access(Settings(home=tmp_path, **settings), database)


async def test_strangers_stay_outside(sqlite: Database, tmp_path: Path) -> None:
    door = access(sqlite, tmp_path)
    for place in (PRIVATE, GROUP):
        admission = await door.admit(BO, place)
        assert not admission.allowed
        assert not admission.is_admin


async def test_the_first_admin_claims_the_bot_once(sqlite: Database, tmp_path: Path) -> None:
    door = access(sqlite, tmp_path)
    code = await door.first_admin_code()
    assert code is not None
    assert await door.redeem(ADA, code.lower()) is Role.ADMIN
    assert (await door.admit(ADA, PRIVATE)).is_admin
    assert await door.redeem(BO, code) is None
    assert await door.first_admin_code() is None


async def test_an_earlier_code_loses_its_force(sqlite: Database, tmp_path: Path) -> None:
    door = access(sqlite, tmp_path)
    first, second = await door.first_admin_code(), await door.first_admin_code()
    assert first is not None
    assert second is not None
    assert await door.redeem(BO, first) is None
    assert await door.redeem(ADA, second) is Role.ADMIN


async def test_an_invitation_lets_one_person_in(sqlite: Database, tmp_path: Path) -> None:
    door = access(sqlite, tmp_path)
    code = await door.invite(ADA.id)
    assert await door.redeem(BO, code) is Role.MEMBER
    assert (await door.admit(BO, PRIVATE)).allowed
    assert await door.redeem(Person(5, "Eve"), code) is None


async def test_an_admin_who_redeems_an_invitation_stays_admin(sqlite: Database, tmp_path: Path) -> None:
    door = access(sqlite, tmp_path, admins=[ADA.id])
    await door.admit(ADA, PRIVATE)
    await door.redeem(ADA, await door.invite(ADA.id))
    assert (await door.admit(ADA, PRIVATE)).is_admin


async def test_a_group_is_let_in_as_a_whole_and_out_again(sqlite: Database, tmp_path: Path) -> None:
    door = access(sqlite, tmp_path)
    await door.admit(BO, GROUP)
    await door.allow_group(GROUP, allowed=True)
    assert (await door.admit(BO, GROUP)).allowed
    assert not (await door.admit(BO, PRIVATE)).allowed
    await door.allow_group(GROUP, allowed=False)
    assert not (await door.admit(BO, GROUP)).allowed


async def test_a_member_does_not_open_the_bot_to_a_strange_group(sqlite: Database, tmp_path: Path) -> None:
    door = access(sqlite, tmp_path, allowed_users=[BO.id])
    assert (await door.admit(BO, PRIVATE)).allowed
    assert not (await door.admit(BO, GROUP)).allowed


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"open": True}, PRIVATE),
        ({"open": True}, GROUP),
        ({"allowed_chats": [-5]}, GROUP),
        ({"admins": [BO.id]}, GROUP),
    ],
)
async def test_settings_let_people_in(
    sqlite: Database, tmp_path: Path, settings: dict[str, object], place: Place
) -> None:
    assert (await access(sqlite, tmp_path, **settings).admit(BO, place)).allowed


async def test_what_settings_give_ends_with_the_setting(sqlite: Database, tmp_path: Path) -> None:
    assert (await access(sqlite, tmp_path, admins=[ADA.id]).admit(ADA, PRIVATE)).is_admin
    door = access(sqlite, tmp_path)
    assert not (await door.admit(ADA, PRIVATE)).allowed
    assert await door.first_admin_code() is not None


def test_codes_are_long_and_different() -> None:
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert all(len(code) == 11 and code[5] == "-" for code in codes)


async def test_somebody_who_is_still_the_same_is_not_written_down_again(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = access(sqlite, tmp_path)
    await door.admit(BO, GROUP)
    await door.allow_group(GROUP, allowed=True)
    with monkeypatch.context() as patch:
        patch.setattr(sqlite, "write", lambda: pytest.fail("something was written"))
        assert (await door.admit(BO, GROUP)).allowed
    for person, place in ((Person(BO.id, "Bo the second"), GROUP), (BO, Place(GROUP.chat_id, "supergroup", "A-Team"))):
        assert (await door.admit(person, place)).user.name == person.name
    async with sqlite.read() as tx:
        known = await tx.people.seen_since(BO.id, GROUP.chat_id, datetime.now(UTC) - timedelta(minutes=5))
    assert known is not None
    assert (known[0].name, known[1].title, known[1].allowed) == (BO.name, "A-Team", True)


async def test_that_somebody_is_still_there_is_written_down_once_a_day(sqlite: Database, tmp_path: Path) -> None:
    door, tomorrow = access(sqlite, tmp_path), datetime.now(UTC) + timedelta(days=1, minutes=1)
    await door.admit(BO, PRIVATE)
    with time_machine.travel(tomorrow, tick=True):
        await door.admit(BO, PRIVATE)
    async with sqlite.read() as tx:
        assert await tx.people.seen_since(BO.id, PRIVATE.chat_id, tomorrow) is not None
