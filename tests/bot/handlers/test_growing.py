"""A reply in the making is seen where it will stand, and only the stored one stays."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import pytest

from bot.handlers import growing
from bot.simulator.model import Chat, Message, User
from bot.simulator.people import ADA, ADA_CHAT, BO, BO_CHAT, TEAM, TRAVEL
from bot.streaming import Show, silent
from nlp.generator import ExtractiveGenerator
from nlp.reader import Reading
from nlp.types import Evidence, Language
from tests.support.telegram import Telegram

PIECES = ("Refunds are", "Refunds are paid <b>", "退款" * 5000)


@dataclass
class SlowWriter(ExtractiveGenerator):
    """Tells one more piece whenever a test lets it, and then chooses sentences as usual."""

    show: Show = silent
    next: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def telling(self, show: Show) -> "SlowWriter":
        """See `bot.streaming.Telling`."""
        return replace(self, show=show)

    def generate(self, question: str, language: Language, reading: Reading) -> Sequence[Evidence]:
        """See `nlp.generator.Generator.generate`."""
        for piece in PIECES:
            self.show(piece)
            self.next.acquire(timeout=10)
        return super().generate(question, language, reading)


@pytest.fixture
def writer(telegram: Telegram, monkeypatch: pytest.MonkeyPatch) -> SlowWriter:
    """The bot answers with a generator that writes slowly, and shows it fast."""
    monkeypatch.setattr(growing._Draft, "every", 0.01)
    monkeypatch.setattr(growing._Edited, "every", 0.01)
    made = SlowWriter()
    inference = telegram.app.inference
    inference.models = replace(inference.models, generator=made)
    return made


@pytest.mark.parametrize(
    ("person", "chat", "question", "answer"),
    [
        (ADA, ADA_CHAT, "When are refunds paid?", "Refunds are paid within thirty days"),
        (BO, BO_CHAT, "退款什么时候支付？", "退款会在购买后三十天内支付"),
    ],
)
async def test_a_private_chat_sees_a_draft_that_grows_and_then_the_answer(
    telegram: Telegram, writer: SlowWriter, person: User, chat: Chat, question: str, answer: str
) -> None:
    asked = telegram.say(person, f"/ask {question}")
    for piece in PIECES[:2]:
        await telegram.until(partial(seen_draft, telegram, chat, f"{piece} …"))
        writer.next.release()
    long = await telegram.until(lambda: seen_draft(telegram, chat, "退款退款"))
    assert len(long) == 4096
    writer.next.release()
    assert answer in (await telegram.reply(asked)).text
    assert telegram.simulation.draft(chat) is None


def seen_draft(telegram: Telegram, chat: Chat, start: str) -> str | None:
    draft = telegram.simulation.draft(chat)
    return draft.text if draft and draft.text.startswith(start) else None


def in_team(telegram: Telegram, text: str) -> Message | None:
    return next((message for message in telegram.simulation.messages(TEAM) if message.text == text), None)


async def test_a_group_sees_one_message_that_is_edited_and_then_only_the_answer(
    telegram: Telegram, writer: SlowWriter
) -> None:
    asked = telegram.say(ADA, "/ask When are refunds paid?", TEAM, topic=TRAVEL)
    first = await telegram.until(lambda: in_team(telegram, "Refunds are …"))
    assert first.message_thread_id == TRAVEL
    writer.next.release()
    edited = await telegram.until(lambda: in_team(telegram, "Refunds are paid <b> …"))
    assert edited.message_id == first.message_id
    for _ in PIECES:
        writer.next.release()
    reply = await telegram.reply(asked)
    assert "within thirty days" in reply.text
    assert await telegram.stored(reply) is not None


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 429, "retry_after": 1}])
async def test_a_draft_that_cannot_be_shown_is_tried_again(
    telegram: Telegram, writer: SlowWriter, fault: dict[str, int]
) -> None:
    telegram.fail("sendMessageDraft", **fault)
    asked = telegram.say(ADA, "/ask When are refunds paid?")
    await telegram.until(lambda: seen_draft(telegram, ADA_CHAT, "Refunds are"))
    for _ in PIECES:
        writer.next.release()
    assert "within thirty days" in (await telegram.reply(asked)).text


async def test_without_a_generator_that_writes_nothing_is_shown(
    telegram: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing._Draft, "every", 0.001)
    telegram.fail("sendMessageDraft", status=500)
    await telegram.ask(ADA, "/ask When are refunds paid?")
    unused = telegram.server.call(telegram.simulation.faults.take, "sendMessageDraft")
    assert unused.status == 500
