"""What is said to a message, in both languages."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import App
from bot.delivery import new_answer, new_message, new_route
from bot.dialogue import Incoming, Reply
from nlp.text import detect_language
from nlp.types import Answer, Evidence, Passage, Prediction, Route, Span, Verdict
from storage.database import Database
from storage.records import AnswerKind
from tests.support.apps import ADA, private, small_app


async def remember(app: App, incoming: Incoming, reply: Reply) -> None:
    async with app.database.write() as tx:
        await tx.answers.record(new_message(incoming), new_route(reply), new_answer(incoming, reply))


@pytest.mark.parametrize(
    ("question", "answer", "source"),
    [
        ("When are refunds paid?", "Refunds are paid within thirty days of the purchase.", "[1] Handbook — Refunds"),
        ("退款什么时候支付？", "退款会在购买后三十天内支付。", "[1] 员工手册 — 退款"),
        ("退款什麼時候支付？", "退款会在购买后三十天内支付。", "[1] 员工手册 — 退款"),
    ],
)
async def test_a_question_is_answered_with_its_source(app: App, question: str, answer: str, source: str) -> None:
    reply = await app.conversation.ask(private(question))
    assert reply.kind is AnswerKind.ANSWER
    assert answer in reply.plain
    assert source in reply.plain
    assert reply.votable
    assert reply.answer is not None
    assert reply.answer.confidence > 0.5


@pytest.mark.parametrize(
    ("question", "words", "language"),
    [
        ("Who painted the ceiling of the chapel?", "My documents do not say", "en"),
        ("火星上有几家餐厅？", "我的文档里没有", "zh"),
    ],
)
async def test_what_the_documents_do_not_say_is_refused_in_the_language_of_the_question(
    app: App, question: str, words: str, language: str
) -> None:
    reply = await app.conversation.ask(private(question))
    assert (reply.kind, reply.language) == (AnswerKind.REFUSAL, language)
    assert words in reply.plain


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello, good morning", "Hello!"),
        ("你好，早上好", "你好！"),
        ("turn on the lights", "I cannot do that"),
        ("帮我开灯", "这个我做不到"),
    ],
)
async def test_small_talk_and_strange_wishes_get_a_short_reply(app: App, text: str, words: str) -> None:
    reply = await app.conversation.respond(private(text))
    assert words in reply.plain
    assert not reply.votable


async def test_every_reply_says_what_made_it(app: App) -> None:
    reply = await app.conversation.respond(private("When are refunds paid?"))
    assert reply.route is not None
    assert set(reply.versions) == {"encoder", "router", "generator", "summarizer", "generation"}
    assert reply.versions["generation"] == app.knowledge.index.generation
    assert {"route", "retrieve", "answer"} <= set(reply.timings)


async def test_a_follow_up_says_what_it_was_taken_for(app: App) -> None:
    await remember(app, first := private("When are refunds paid?", number=1), await app.conversation.ask(first))
    reply = await app.conversation.ask(private("and in winter?"))
    assert reply.understood == "When are refunds paid in winter?"
    assert reply.plain.startswith("You mean: When are refunds paid in winter?")
    assert "Refunds are paid within thirty days" in reply.plain


@pytest.mark.parametrize("intent", ["follow_up", "question", "chitchat", "help"])
@pytest.mark.parametrize(
    ("first", "text", "meant"),
    [
        ("When are refunds paid?", "and in winter?", "When are refunds paid in winter?"),
        ("退款什么时候支付？", "为什么？", "为什么退款支付？"),
    ],
)
async def test_an_elliptical_text_is_read_with_the_question_before_whatever_it_is_taken_for(
    app: App, monkeypatch: pytest.MonkeyPatch, intent: str, first: str, text: str, meant: str
) -> None:
    await remember(app, asked := private(first, number=1), await app.conversation.ask(asked))
    take_for(app, monkeypatch, intent)
    reply = await app.conversation.respond(private(text))
    assert (reply.kind, reply.understood) == (AnswerKind.ANSWER, meant)


async def test_thanks_are_no_follow_up(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    await remember(app, asked := private("When are refunds paid?", number=1), await app.conversation.ask(asked))
    take_for(app, monkeypatch, "thanks")
    assert (await app.conversation.respond(private("why, that is it"))).kind is AnswerKind.SMALL_TALK


async def test_the_question_before_can_be_answered_in_the_other_language(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    await remember(app, asked := private("When are refunds paid?", number=1), await app.conversation.ask(asked))
    take_for(app, monkeypatch, "translate")
    reply = await app.conversation.respond(private("用中文再说一遍"))
    assert (reply.language, reply.understood) == ("zh", "When are refunds paid?")
    assert "来源" in reply.plain
    assert reply.plain.endswith("引用的原文保持文档本来的语言。")
    monkeypatch.undo()
    take_for(app, monkeypatch, "translate")
    elsewhere = replace(private("and in Chinese?"), place=replace(asked.place, chat_id=77))
    assert "generator" in (await app.conversation.respond(elsewhere)).plain


async def test_an_unclear_message_is_asked_back_with_buttons(app: App) -> None:
    reply = await app.conversation.respond(private("zzz qqq vvv"))
    assert reply.kind in (AnswerKind.CLARIFICATION, AnswerKind.OUT_OF_SCOPE)
    sure = app.inference.models.router.route("zzz qqq vvv").confident
    if not sure:
        assert reply.buttons[0][0].data == "intent:question"
        assert len(reply.buttons) == 3


async def test_what_a_person_says_it_means_decides(app: App) -> None:
    asked = private("refunds")
    assert (await app.conversation.clarified(asked, "question")).kind in (AnswerKind.ANSWER, AnswerKind.REFUSAL)
    assert "Hello!" in (await app.conversation.clarified(asked, "greeting")).plain
    assert "generator" in (await app.conversation.clarified(asked, "translate")).plain


def take_for(
    app: App, monkeypatch: pytest.MonkeyPatch, intent: str, *, confident: bool = True, in_scope: bool = True
) -> None:
    """Let every message be taken for the same intent."""
    prediction = (Prediction(intent, 0.9 if confident else 0.3),)

    async def route(text: str, _models: object = None) -> Route:
        return Route(detect_language(text), prediction, (), 0.9, in_scope=in_scope, confident=confident, coverage=1.0)

    monkeypatch.setattr(app.inference, "route", route)


HOURS = Passage(7, "We are closed on Sundays.", "Shop", "Hours")
ON_SUNDAYS = Evidence(HOURS, Span(0, len(HOURS.text)), 0.9)


def answer_only(app: App, monkeypatch: pytest.MonkeyPatch, question: str) -> list[str]:
    """Let the documents answer one question and no other; what they were asked is listed."""
    asked: list[str] = []

    async def answer(_answerer: object, text: str, *_rest: object) -> Answer:
        asked.append(text)
        if text == question:
            return Answer("en", Verdict.ANSWERED, 0.9, evidence=(ON_SUNDAYS,))
        return Answer("en", Verdict.REFUSED, 0.0)

    monkeypatch.setattr(app.inference, "answer", answer)
    return asked


@pytest.mark.parametrize(
    ("first", "text"), [("丢车了找谁？", "周日开门吗？"), ("What is a city bike?", "How much is it?")]
)
async def test_a_question_that_is_complete_is_answered_where_it_is_no_follow_up(
    app: App, monkeypatch: pytest.MonkeyPatch, first: str, text: str
) -> None:
    await remember(app, asked := private(first, number=1), await app.conversation.ask(asked))
    looked_up = answer_only(app, monkeypatch, text)
    take_for(app, monkeypatch, "question")
    reply = await app.conversation.respond(private(text))
    assert (reply.kind, reply.understood) == (AnswerKind.ANSWER, None)
    assert len(looked_up) == 2
    take_for(app, monkeypatch, "follow_up")
    reply = await app.conversation.respond(private(text))
    assert (reply.kind, reply.understood) == (AnswerKind.REFUSAL, looked_up[0])
    assert looked_up[2:] == looked_up[:1]


@pytest.mark.parametrize(("closest", "kind"), [(ON_SUNDAYS, AnswerKind.REFUSAL), (None, AnswerKind.OUT_OF_SCOPE)])
async def test_a_strange_question_is_told_what_may_be_meant(
    app: App, monkeypatch: pytest.MonkeyPatch, closest: Evidence | None, kind: AnswerKind
) -> None:
    async def answer(*_given: object) -> Answer:
        return Answer("en", Verdict.REFUSED, 0.2, nearest=(HOURS,), closest=closest)

    take_for(app, monkeypatch, "question", in_scope=False)
    monkeypatch.setattr(app.inference, "answer", answer)
    reply = await app.conversation.respond(private("Any work for me on Sunday?"))
    assert reply.kind is kind
    assert ("We are closed on Sundays." in reply.plain) is (closest is not None)


@pytest.mark.parametrize("intent", ["help", "human", "write", "translate", "summarize", "out_of_scope"])
@pytest.mark.parametrize("text", ["When are refunds paid?", "退款什么时候支付？"])
async def test_documents_come_before_stock_replies(
    app: App, monkeypatch: pytest.MonkeyPatch, intent: str, text: str
) -> None:
    take_for(app, monkeypatch, intent)
    assert (await app.conversation.respond(private(text))).kind is AnswerKind.ANSWER


@pytest.mark.parametrize("intent", ["greeting", "thanks", "goodbye", "praise"])
async def test_courtesies_are_not_looked_up(app: App, monkeypatch: pytest.MonkeyPatch, intent: str) -> None:
    take_for(app, monkeypatch, intent)
    assert (await app.conversation.respond(private("When are refunds paid?"))).kind is AnswerKind.SMALL_TALK


async def test_a_long_text_is_summarised_whatever_the_documents_say(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    take_for(app, monkeypatch, "summarize")
    reply = await app.conversation.respond(private("When are refunds paid? They are paid late. " * 12))
    assert reply.kind is AnswerKind.SUMMARY


async def test_a_wish_for_help_that_no_document_answers_gets_help_and_the_closest(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_for(app, monkeypatch, "help")
    reply = await app.conversation.respond(private("how may I bring my dog to a friend"))
    assert reply.plain.startswith("What you can do")
    assert "The closest I found" in reply.plain


@pytest.mark.parametrize(("mark", "kind"), [("?", AnswerKind.REFUSAL), ("", AnswerKind.CLARIFICATION)])
async def test_an_unsure_question_is_asked_back_unless_it_says_that_it_is_one(
    app: App, monkeypatch: pytest.MonkeyPatch, mark: str, kind: AnswerKind
) -> None:
    take_for(app, monkeypatch, "question", confident=False)
    assert (await app.conversation.respond(private(f"Who painted the ceiling{mark}"))).kind is kind


@pytest.mark.parametrize(("text", "fallback", "words"), [("👋", "zh", "zh"), ("👋", "en", "en"), ("你好", "en", "zh")])
async def test_text_without_words_gets_the_language_of_the_menus(
    app: App, text: str, fallback: str, words: str
) -> None:
    reply = await app.conversation.respond(private(text), "zh" if fallback == "zh" else "en")
    assert reply.language == words


async def test_without_documents_it_says_so(sqlite: Database, tmp_path: Path) -> None:
    async with small_app(sqlite, tmp_path / "home") as empty:
        reply = await empty.conversation.ask(private("When are refunds paid?"))
    assert "I have no documents yet" in reply.plain
    assert reply.kind is AnswerKind.REFUSAL


@pytest.mark.parametrize("text", ["", " ", "?", "👍" * 50, "退款" * 2000, "x" * 5000, "<b>&amp;", "\n\n\n"])
async def test_any_text_gets_a_reply(app: App, text: str) -> None:
    reply = await app.conversation.respond(private(text, ADA))
    assert reply.plain.strip()


async def test_an_english_question_prefers_english_documents(app: App) -> None:
    reply = await app.conversation.ask(private("When does the office open?"))
    assert reply.answer is not None
    assert reply.answer.evidence[0].passage.language == "en"
