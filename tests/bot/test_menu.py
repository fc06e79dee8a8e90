"""The command menu: in the language of the app, short in groups, longer for admins."""

from pathlib import Path

from bot.simulator.events import ProfileChanged
from bot.simulator.limits import UNLIMITED
from bot.simulator.methods.profile import profile_text
from bot.simulator.people import ADA, ADA_CHAT, BO, BO_CHAT, TEAM
from bot.simulator.simulation import Simulation
from bot.simulator.view import snapshot
from bot.texts import ADMIN_COMMANDS, COMMANDS, DESCRIPTION, SHORT_DESCRIPTION
from storage.database import Database
from storage.records import Role
from tests.support.telegram import Telegram, small_bot


def descriptions(telegram: Telegram) -> dict[int, str]:
    """What the chat page shows in an empty chat, by person."""
    shown: dict[int, str] = telegram.server.call(snapshot, telegram.simulation.world)["setup"]["descriptions"]
    return shown


async def test_people_see_every_command_in_the_language_of_their_app(closed: Telegram) -> None:
    assert closed.menu(ADA, ADA_CHAT) == {name: text.en for name, text in COMMANDS.items()}
    assert closed.menu(BO, BO_CHAT) == {name: text.zh for name, text in COMMANDS.items()}


async def test_groups_see_what_is_of_use_there(telegram: Telegram) -> None:
    assert list(telegram.menu(ADA, TEAM)) == ["ask", "summarize", "digest", "sources", "reset", "help"]
    assert telegram.menu(BO, TEAM)["ask"] == "向文档提问"


async def test_admins_see_more_in_private(telegram: Telegram) -> None:
    assert telegram.menu(ADA, ADA_CHAT) == {name: text.en for name, text in {**COMMANDS, **ADMIN_COMMANDS}.items()}
    assert "stats" not in telegram.menu(BO, BO_CHAT)


async def test_an_admin_who_claimed_the_bot_sees_more_after_a_restart(sqlite: Database, tmp_path: Path) -> None:
    async with sqlite.write() as tx:
        await tx.people.set_role(BO.id, Role.ADMIN)
    async with small_bot(sqlite, tmp_path / "home") as telegram:
        assert telegram.menu(BO, BO_CHAT)["stats"] == "统计"


async def test_a_menu_that_cannot_be_set_does_not_keep_the_bot_from_starting(
    handbooks: Database, tmp_path: Path
) -> None:
    simulation = Simulation(limits=UNLIMITED)
    simulation.faults.add("setMyCommands", 99, status=400)
    async with small_bot(handbooks, tmp_path / "home", simulation, open=True) as telegram:
        assert telegram.menu(ADA, ADA_CHAT) == {}
        assert (await telegram.ask(ADA, "hello there")).text.startswith("Hello!")


async def test_the_bot_introduces_itself_in_both_languages(telegram: Telegram) -> None:
    assert descriptions(telegram) == {ADA.id: DESCRIPTION.en, BO.id: DESCRIPTION.zh}
    state = telegram.simulation.world.state
    for code, text in (("", SHORT_DESCRIPTION.en), ("en", SHORT_DESCRIPTION.en), ("zh", SHORT_DESCRIPTION.zh)):
        assert telegram.server.call(profile_text, state, "short_description", code) == text
    assert all(len(text) <= 512 for text in (DESCRIPTION.en, DESCRIPTION.zh))
    assert all(len(text) <= 120 for text in (SHORT_DESCRIPTION.en, SHORT_DESCRIPTION.zh))


async def test_what_the_owner_says_of_the_bot_is_kept(sqlite: Database, tmp_path: Path) -> None:
    simulation = Simulation(limits=UNLIMITED)
    simulation.world.record(ProfileChanged(field="description", language_code="", value="Ask about cats."))
    async with small_bot(sqlite, tmp_path / "home", simulation, open=True) as telegram:
        assert descriptions(telegram) == {ADA.id: "Ask about cats.", BO.id: "Ask about cats."}


async def test_a_description_that_cannot_be_set_does_not_keep_the_bot_from_starting(
    sqlite: Database, tmp_path: Path
) -> None:
    simulation = Simulation(limits=UNLIMITED)
    simulation.faults.add("setMyDescription", 99, status=400)
    async with small_bot(sqlite, tmp_path / "home", simulation, open=True) as telegram:
        assert (await telegram.ask(ADA, "hello there")).text.startswith("Hello!")


async def test_every_command_of_the_menu_is_known(telegram: Telegram) -> None:
    for command in [*COMMANDS, *ADMIN_COMMANDS]:
        reply, *_ = await telegram.replies(telegram.say(ADA, f"/{command}"))
        assert not reply.text.startswith("I do not know this command."), command
