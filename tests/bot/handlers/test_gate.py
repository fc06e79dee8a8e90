"""The door: only people who may use the bot get past it, and the rest of the message reaches nobody."""

from bot.simulator.people import ADA, BO, TEAM
from tests.support.telegram import Telegram

COMMANDS = ["/help", "/ask x", "/summarize x", "/sources", "/language", "/whoami", "/stats", "/invite", "/allow", "/x"]


async def test_every_command_but_start_is_behind_the_door(closed: Telegram) -> None:
    for command in COMMANDS:
        assert (await closed.ask(ADA, command)).text.startswith("This bot is private.")
        assert await closed.replies(closed.say(ADA, command, TEAM)) == []


async def test_nothing_is_read_of_what_strangers_write(closed: Telegram) -> None:
    routed = closed.app.inference.models.encoder
    calls = len(routed.calls)  # type: ignore[attr-defined]
    await closed.ask(BO, "secret words")
    assert len(routed.calls) == calls  # type: ignore[attr-defined]


async def test_who_is_let_in_later_is_heard_from_then_on(closed: Telegram) -> None:
    await closed.ask(BO, "hello there")
    async with closed.app.database.write() as tx:
        await tx.people.allow_chat(BO.id, allowed=True)
    assert (await closed.ask(BO, "hello there")).text.startswith("这个机器人不公开。")
    code = await closed.app.access.invite(ADA.id)
    await closed.ask(BO, f"/start {code}")
    assert (await closed.ask(BO, "hello there")).text.startswith("Hello!")


async def test_the_chosen_language_is_kept_for_what_the_bot_says_by_itself(telegram: Telegram) -> None:
    await telegram.press(BO, await telegram.ask(BO, "/language"), "English")
    assert (await telegram.ask(BO, "/stats")).text == "Only admins can do that."
