"""People, chats and invitations keep their contract on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from storage.database import Database
from storage.records import Chat, Role


async def test_a_person_is_remembered_under_their_latest_name(database: Database) -> None:
    async with database.write() as tx:
        await tx.people.see_user(1, "Ada", "en")
        await tx.people.set_role(1, Role.ADMIN)
        await tx.people.set_language(1, "zh")
        user = await tx.people.see_user(1, "Ada 阿达", "zh-hans")
    assert (user.name, user.role, user.language, user.telegram_language) == ("Ada 阿达", Role.ADMIN, "zh", "zh-hans")


async def test_somebody_never_seen_is_unknown(database: Database) -> None:
    async with database.read() as tx:
        assert await tx.people.user(5) is None


async def test_a_role_can_be_given_before_somebody_is_seen(database: Database) -> None:
    async with database.write() as tx:
        await tx.people.set_role(9, Role.MEMBER)
        user = await tx.people.user(9)
    assert user is not None
    assert user.role is Role.MEMBER


async def test_admins_are_listed(database: Database) -> None:
    async with database.write() as tx:
        for number in (3, 1, 2):
            await tx.people.see_user(number, f"user {number}", None)
        await tx.people.set_role(3, Role.ADMIN)
        await tx.people.set_role(1, Role.ADMIN)
        assert [admin.id for admin in await tx.people.admins()] == [1, 3]
        assert await tx.people.count_users() == 3


async def test_a_chat_stays_allowed_under_a_new_title(database: Database) -> None:
    async with database.write() as tx:
        assert await tx.people.see_chat(-5, "supergroup", "Team") == Chat(-5, "supergroup", "Team", allowed=False)
        await tx.people.allow_chat(-5, allowed=True)
        assert await tx.people.see_chat(-5, "supergroup", "Team 2") == Chat(-5, "supergroup", "Team 2", allowed=True)


async def test_an_invitation_works_as_often_as_it_says(database: Database) -> None:
    async with database.write() as tx:
        await tx.people.add_invite("ABC-DEF", Role.MEMBER, uses=2)
        roles = [await tx.people.redeem_invite("ABC-DEF ") for _ in range(3)]
    assert roles == [Role.MEMBER, Role.MEMBER, None]


async def test_an_unknown_or_expired_invitation_gives_nothing(database: Database) -> None:
    async with database.write() as tx:
        await tx.people.add_invite("LATE", Role.ADMIN, uses=1, valid=timedelta(seconds=-1))
        assert await tx.people.redeem_invite("LATE") is None
        assert await tx.people.redeem_invite("NEVER") is None


async def test_invitations_to_a_role_can_be_withdrawn(database: Database) -> None:
    async with database.write() as tx:
        await tx.people.add_invite("ADMIN", Role.ADMIN, uses=1)
        await tx.people.add_invite("MEMBER", Role.MEMBER, uses=1)
        await tx.people.drop_invites(Role.ADMIN)
        assert await tx.people.redeem_invite("ADMIN") is None
        assert await tx.people.redeem_invite("MEMBER") is Role.MEMBER


async def test_codes_are_not_kept_in_the_clear(sqlite: Database) -> None:
    async with sqlite.write() as tx:
        await tx.people.add_invite("SECRET-CODE", Role.MEMBER, uses=1)
    path = sqlite.url.database
    assert path is not None
    with open(path, "rb") as file, open(f"{path}-wal", "rb") as wal:  # noqa: PTH123, ASYNC230
        assert b"SECRET-CODE" not in file.read() + wal.read()


async def test_whoever_is_known_with_a_chat_is_found_by_when_they_were_seen(database: Database) -> None:
    before, later = datetime.now(UTC) - timedelta(minutes=1), datetime.now(UTC) + timedelta(minutes=1)
    async with database.write() as tx:
        person = await tx.people.see_user(1, "Ada", "zh-hans")
        await tx.people.set_role(1, Role.MEMBER)
        team = await tx.people.see_chat(-5, "supergroup", "团队")
    async with database.read() as tx:
        assert await tx.people.seen_since(1, -5, before) == (replace(person, role=Role.MEMBER), team)
        assert await tx.people.seen_since(1, -5, later) is None
        assert await tx.people.seen_since(1, -6, before) is None
        assert await tx.people.seen_since(2, -5, before) is None
