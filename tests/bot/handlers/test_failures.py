"""When something fails: tried again, then an apology, and nothing of what was said in any log."""

import logging
import sys
from pathlib import Path

import pytest

from bot import delivery, inbox
from bot.conversation import Conversation
from bot.dialogue import Incoming, Reply
from bot.inbox import MAX_ATTEMPTS
from bot.logs import DiscreetFormatter
from bot.simulator.limits import UNLIMITED
from bot.simulator.people import ADA, ADA_CHAT, BO, TEAM
from bot.simulator.simulation import Simulation
from bot.voting import Voting
from nlp.types import Language
from storage.database import Database
from tests.support.telegram import Telegram, small_bot

SECRET = "the secret of the pyramid"
TOKEN = f"9001:{'Aa0-_' * 7}"
SORRY = "Something went wrong on my side. It is logged; please try again."


class Trouble:
    """Replaces `Conversation.respond` by one that fails a number of times and quotes what was said."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
        self.calls = 0
        self._times = times
        self._respond = Conversation.respond
        monkeypatch.setattr(Conversation, "respond", self._fail_or_respond())

    def _fail_or_respond(self) -> object:
        async def respond(conversation: Conversation, incoming: Incoming, fallback: Language) -> Reply:
            self.calls += 1
            if self.calls <= self._times:
                raise RuntimeError(f"cannot read {incoming.text!r}")
            return await self._respond(conversation, incoming, fallback)

        return respond


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (inbox, delivery):
        monkeypatch.setattr(module, "_FIRST_DELAY", 0.005)


async def test_what_fails_once_is_tried_again_and_answered(telegram: Telegram, monkeypatch: pytest.MonkeyPatch) -> None:
    trouble = Trouble(monkeypatch, times=MAX_ATTEMPTS - 1)
    assert (await telegram.ask(ADA, "hello there")).text.startswith("Hello!")
    assert trouble.calls == MAX_ATTEMPTS


async def test_what_keeps_failing_ends_with_an_apology_in_the_language_of_the_person(
    telegram: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble = Trouble(monkeypatch, times=99)
    assert (await telegram.ask(ADA, SECRET)).text == SORRY
    assert trouble.calls == MAX_ATTEMPTS
    assert (await telegram.ask(BO, SECRET)).text == "我这边出错了，已记录下来，请再试一次。"
    await telegram.press(BO, await telegram.ask(BO, "/language"), "English")
    assert (await telegram.ask(BO, SECRET)).text == SORRY


async def test_the_chat_goes_on_after_a_failure(telegram: Telegram, monkeypatch: pytest.MonkeyPatch) -> None:
    Trouble(monkeypatch, times=MAX_ATTEMPTS)
    asked = telegram.say(ADA, SECRET)
    telegram.say(ADA, "hello there")
    assert [reply.text.split(".")[0] for reply in await telegram.replies(asked)] == [
        "Something went wrong on my side",
        "Hello! Ask me something, or send /help",
    ]


async def test_a_group_is_not_bothered_with_an_apology(telegram: Telegram, monkeypatch: pytest.MonkeyPatch) -> None:
    Trouble(monkeypatch, times=99)
    assert await telegram.replies(telegram.say(ADA, f"@dawen_bot {SECRET}", TEAM)) == []


async def test_a_reply_that_telegram_refuses_ends_with_an_apology(telegram: Telegram) -> None:
    telegram.fail("sendMessage", MAX_ATTEMPTS, status=400)
    assert (await telegram.ask(ADA, "hello there")).text == SORRY
    assert (await telegram.ask(ADA, "hello there")).text.startswith("Hello!")


async def test_an_apology_that_cannot_be_sent_does_not_stall_the_chat(telegram: Telegram) -> None:
    telegram.fail("sendMessage", MAX_ATTEMPTS + 1, status=400)
    assert await telegram.replies(telegram.say(ADA, "hello there")) == []
    assert (await telegram.ask(ADA, "hello there")).text.startswith("Hello!")


async def test_a_button_that_fails_is_apologised_for(telegram: Telegram, monkeypatch: pytest.MonkeyPatch) -> None:
    async def by_button(*_: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(Voting, "by_button", by_button)
    answer = await telegram.ask(ADA, "When are refunds paid?")
    telegram.press_only(ADA, answer, "👍")
    await telegram.settled()
    assert telegram.of_bot(ADA_CHAT)[-1].text == SORRY


async def test_no_log_holds_what_was_said_nor_the_token(
    handbooks: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setFormatter(DiscreetFormatter())
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.INFO, "httpx")
    Trouble(monkeypatch, times=99)
    simulation = Simulation(limits=UNLIMITED, token=TOKEN)
    async with small_bot(handbooks, tmp_path / "home", simulation, open=True) as telegram:
        telegram.fail("sendMessage", 2, status=500)
        await telegram.ask(ADA, SECRET)
        await telegram.upload(ADA, f"{SECRET}.pdf", b"%PDF " + SECRET.encode())
    assert caplog.text.count("\nRuntimeError\n") == caplog.text.count(", attempt ") == MAX_ATTEMPTS
    assert "bot[token]/sendMessage" in caplog.text
    assert SECRET not in caplog.text
    assert TOKEN.split(":")[1] not in caplog.text


@pytest.mark.parametrize("colon", [":", "%3A"])
def test_a_token_in_a_log_line_is_blotted_out(colon: str) -> None:
    url = f"https://x/bot{TOKEN.replace(':', colon)}/getMe"
    record = logging.LogRecord("x", logging.INFO, "", 0, "POST %s", (url,), None)
    assert DiscreetFormatter().format(record) == "POST https://x/bot[token]/getMe"


def test_what_another_formatter_has_made_of_an_exception_is_not_repeated() -> None:
    try:
        raise RuntimeError(SECRET)
    except RuntimeError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", (), sys.exc_info())
    assert SECRET in logging.Formatter().format(record)
    assert SECRET not in DiscreetFormatter().format(record)
