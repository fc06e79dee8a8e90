"""Generators off the event loop: others go on, sentences come as they are checked, and the time is kept."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.app import App, assemble
from bot.inference import Inference
from bot.phrasing import Allowance, payer
from bot.progress import Silence
from bot.settings import Settings
from nlp.errors import GeneratorError
from nlp.generator import Answerer, Draft
from nlp.lexical import LexicalIndex
from nlp.reader import Reader
from nlp.types import Answer, Verdict
from storage.database import Database
from storage.records import AnswerKind
from tests.support.answers import Parrot, task_over
from tests.support.apps import private, small_models

EN, ZH = "When are refunds paid?", "退款什么时候支付？"
RIGHT = {EN: "Refunds are paid within 30 days. [1] ", ZH: "退款在30天内支付。[1]"}
LIES = {EN: "Refunds are paid within 90 days. [1] ", ZH: "退款在90天内支付。[1]"}


async def until(condition: Callable[[], object]) -> None:
    """Let others go on until it holds."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - it is set by a thread
            await asyncio.sleep(0.01)


@pytest.fixture
async def speaking(handbooks: Database, tmp_path: Path) -> Any:
    """Makes the application speak through a generator."""
    stack = []

    async def speak(parrot: Parrot, **settings: Any) -> App:
        models = replace(small_models(), generator=parrot)
        opened = assemble(Settings(home=tmp_path, manual=False, **settings), handbooks, models, Silence())
        stack.append(opened)
        return await opened.__aenter__()

    yield speak
    for opened in stack:
        await opened.__aexit__(None, None, None)


@pytest.mark.parametrize("question", [EN, ZH])
async def test_a_worded_answer_is_shown_with_its_source(speaking: Any, question: str) -> None:
    app = await speaking(Parrot([LIES[question], RIGHT[question]]))
    reply = await app.conversation.ask(private(question))
    assert reply.kind is AnswerKind.ANSWER
    shown = (
        "Refunds are paid within 30 days. [1]\n\nSources\n[1] Handbook — Refunds"
        if question == EN
        else "退款在30天内支付。[1]\n\n来源\n[1] 员工手册 — 退款"
    )
    assert reply.plain == shown
    assert reply.versions["generator"] == "parrot"
    assert reply.answer is not None
    assert reply.votable


@pytest.mark.parametrize("question", [EN, ZH])
@pytest.mark.parametrize("fault", [GeneratorError("dead"), ValueError("broken"), "", "No source at all."])
async def test_whatever_fails_the_documents_are_quoted(speaking: Any, question: str, fault: str | Exception) -> None:
    app = await speaking(Parrot([fault]))
    reply = await app.conversation.ask(private(question))
    assert ("thirty days of the purchase" if question == EN else "退款会在购买后三十天内支付。") in reply.plain
    assert reply.versions["generator"] == "extractive"


@pytest.mark.parametrize("question", [EN, ZH])
async def test_who_has_used_up_a_days_tokens_is_quoted_the_documents_and_others_are_not(
    speaking: Any, question: str
) -> None:
    app = await speaking(Parrot([RIGHT[question]]), generator_tokens=100, generator_tokens_a_day=250)

    async def wordings(person: int | None) -> list[str]:
        payer.set(person)
        return [(await app.conversation.ask(private(question))).versions["generator"] for _ in range(3)]

    assert await asyncio.create_task(wordings(7)) == ["parrot", "parrot", "extractive"]
    assert await asyncio.create_task(wordings(8)) == ["parrot", "parrot", "extractive"]
    assert await asyncio.create_task(wordings(None)) == ["parrot"] * 3


async def test_a_slow_generator_holds_up_nobody_else(speaking: Any) -> None:
    gate = threading.Event()
    parrot = Parrot([RIGHT[EN], "And"], gate=gate)
    app = await speaking(parrot)
    slow = asyncio.create_task(app.conversation.ask(private(EN)))
    await until(lambda: parrot.asked)
    for text in ("hello", "你好", "good morning"):
        await asyncio.wait_for(app.inference.route(text), 5)
    assert not slow.done()
    gate.set()
    assert "30 days" in (await slow).plain
    assert all(name.startswith("generator") for name in parrot.threads)


async def test_many_generations_run_at_once(speaking: Any) -> None:
    gate = threading.Event()
    parrot = Parrot([RIGHT[EN], "And"], gate=gate)
    app = await speaking(parrot)
    asked = [asyncio.create_task(app.conversation.ask(private(EN))) for _ in range(5)]
    await until(lambda: len(parrot.asked) == 5)
    gate.set()
    assert all("30 days" in reply.plain for reply in await asyncio.gather(*asked))


async def test_sentences_are_heard_as_soon_as_they_are_checked_and_lies_never(speaking: Any) -> None:
    gate = threading.Event()
    app = await speaking(Parrot([RIGHT[EN], LIES[EN], "Keep your receipt. [1]", " End."], gate=gate))
    shown: list[str] = []
    asked = asyncio.create_task(app.conversation.ask(replace(private(EN), show=shown.append)))
    await until(lambda: shown)
    assert shown == ["Refunds are paid within 30 days."]
    gate.set()
    reply = await asked
    assert shown == ["Refunds are paid within 30 days.", "Refunds are paid within 30 days. Keep your receipt."]
    assert reply.answer is not None
    assert " ".join(statement.text for statement in reply.answer.wording) == shown[-1]


async def test_a_generator_that_never_ends_costs_no_more_than_its_time(speaking: Any) -> None:
    parrot = Parrot([RIGHT[EN], "And"], gate=threading.Event())
    app = await speaking(parrot, generator_seconds=0.3)
    begun = time.monotonic()
    reply = await app.conversation.ask(private(EN))
    assert "thirty days" in reply.plain
    assert time.monotonic() - begun < 3
    assert reply.versions["generator"] == "extractive"


async def test_who_stops_asking_ends_the_generation(speaking: Any) -> None:
    parrot = Parrot([RIGHT[EN], "And"], gate=threading.Event())
    app = await speaking(parrot)
    asked = asyncio.create_task(app.conversation.ask(private(EN)))
    await until(lambda: parrot.asked)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert not app.inference._phraser._budgets


async def test_closing_ends_what_is_being_generated() -> None:
    parrot = Parrot(["Refunds", "And"], gate=threading.Event())
    models = replace(small_models(), generator=parrot)
    draft = Draft(Answer("en", Verdict.ANSWERED, 0.9), task_over(EN, "en", []))
    answerer = Answerer(models.encoder, Reader(models.encoder, LexicalIndex()), parrot)
    async with Inference(models, Allowance(seconds=60)) as inference:
        waiting = asyncio.create_task(inference._phraser.phrase(answerer, draft, None))
        await until(lambda: parrot.asked)
    assert await asyncio.wait_for(waiting, 5) == draft.answer


@pytest.mark.parametrize(
    ("intent", "text", "pieces", "mark"),
    [
        ("translate", "把早上好译成英文", ["Good", " morning"], "并非出自文档"),
        ("translate", "translate: 早上好", ["Good", " morning"], "not taken from the documents"),
        ("write", "write a letter to the landlord", ["Dear ", "landlord,"], "not taken from the documents"),
        ("write", "写一封给房东的信", ["尊敬的", "房东："], "并非出自文档"),
    ],
)
async def test_a_generator_writes_freely_when_it_is_asked_to_and_says_that_it_did(
    speaking: Any, intent: str, text: str, pieces: list[str], mark: str
) -> None:
    parrot = Parrot(pieces)
    app = await speaking(parrot)
    shown: list[str] = []
    reply = await app.conversation.clarified(replace(private(text), show=shown.append), intent)
    assert reply.plain.startswith("".join(pieces))
    assert mark in reply.plain
    assert shown[:2] == [pieces[0], "".join(pieces)]
    assert (parrot.asked[0].wish, parrot.asked[0].question, parrot.asked[0].sources) == (intent, text, ())


async def test_the_text_that_a_message_replies_to_is_what_is_translated(speaking: Any) -> None:
    parrot = Parrot(["早上好"])
    app = await speaking(parrot)
    await app.conversation.clarified(private("/translate", quoted="Good morning"), "translate")
    assert parrot.asked[0].question == "/translate\n\nGood morning"


@pytest.mark.parametrize("pieces", [[GeneratorError("no")], [RuntimeError("secret text")], []])
async def test_a_generator_that_writes_nothing_is_told_in_one_sentence(speaking: Any, pieces: list[Any]) -> None:
    app = await speaking(Parrot(pieces))
    reply = await app.conversation.clarified(private("write a poem"), "write")
    assert reply.plain.startswith("The text generator did not answer in time.")
    assert "secret" not in reply.plain
