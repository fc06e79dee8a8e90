"""A reply in the making is seen where it will stand, and only the stored one stays."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import pytest

from bot.handlers import growing
from bot.simulator.model import Chat, Message, User
from bot.simulator.people import ADA, ADA_CHAT, BO, BO_CHAT, TEAM, TRAVEL
from nlp.generator import Budget, Task
from tests.support.telegram import Telegram

EN = ("Refunds are paid within thirty days of the purchase.", "Keep your receipt.")
ZH = ("退款会在购买后三十天内支付。", "请保留收据。")


@dataclass
class SlowWriter:
    """Writes one more sentence whenever a test lets it."""

    sentences: Sequence[str] = EN
    name: str = "slow"
    phrases: bool = True
    next: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def stream(self, task: Task, budget: Budget) -> Iterator[str]:
        """See `nlp.generator.Generator.stream`."""
        for sentence in self.sentences:
            yield f"{sentence} [1] "
            self.next.acquire(timeout=10)

    def close(self) -> None:
        """See `nlp.generator.Generator.close`."""


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
    ("person", "chat", "question", "sentences"),
    [(ADA, ADA_CHAT, "When are refunds paid?", EN), (BO, BO_CHAT, "退款什么时候支付？", ZH)],
)
async def test_a_private_chat_sees_a_draft_that_grows_and_then_the_answer(
    telegram: Telegram, writer: SlowWriter, person: User, chat: Chat, question: str, sentences: Sequence[str]
) -> None:
    writer.sentences = sentences
    asked = telegram.say(person, f"/ask {question}")
    writer.next.release()
    await telegram.until(partial(seen_draft, telegram, chat, sentences[0]))
    writer.next.release()
    reply = await telegram.reply(asked)
    assert all(sentence in reply.text for sentence in sentences)
    assert telegram.simulation.draft(chat) is None


def test_what_grows_longer_than_a_message_is_cut_with_a_sign_that_more_is_to_come() -> None:
    shown = growing._fitting("退款" * 5000)
    assert len(shown) == 4096
    assert shown.endswith("退款 …")


def seen_draft(telegram: Telegram, chat: Chat, start: str) -> str | None:
    draft = telegram.simulation.draft(chat)
    return draft.text if draft and draft.text.startswith(start) else None


def in_team(telegram: Telegram, text: str) -> Message | None:
    return next((message for message in telegram.simulation.messages(TEAM) if message.text == text), None)


async def test_a_group_sees_one_message_that_is_edited_and_then_only_the_answer(
    telegram: Telegram, writer: SlowWriter
) -> None:
    asked = telegram.say(ADA, "/ask When are refunds paid?", TEAM, topic=TRAVEL)
    writer.sentences = (*EN, EN[0])
    writer.next.release()
    first = await telegram.until(lambda: in_team(telegram, f"{EN[0]} …"))
    assert first.message_thread_id == TRAVEL
    writer.next.release()
    edited = await telegram.until(lambda: in_team(telegram, f"{EN[0]} {EN[1]} …"))
    assert edited.message_id == first.message_id
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
    writer.next.release()
    await telegram.until(lambda: seen_draft(telegram, ADA_CHAT, EN[0]))
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
