"""Summaries of links, files and texts, and what is done with them."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot import summary_texts, texts
from bot.app import App
from bot.delivery import new_answer, new_message
from bot.dialogue import Attachment, Incoming, Reply
from bot.knowledge import chat_scope
from bot.reading import SourceReader
from bot.summaries import Summaries, has_something_to_summarize
from storage.records import SHARED, AnswerKind
from tests.support.answers import Parrot
from tests.support.apps import ADA, points_of, private
from tests.support.web import Server, page

ARTICLE = " ".join(
    f"Sentence number {n} tells about the harbour, its ships and the people who work there every day."
    for n in range(12)
)
ARTICLE_ZH = "".join(f"第{n}句话讲的是港口、船只以及每天在那里工作的人们的故事和他们的生活。" for n in range(12))


@pytest.mark.parametrize(("text", "language"), [(ARTICLE, "en"), (ARTICLE_ZH, "zh")])
async def test_a_text_is_summarised_in_its_own_sentences(app: App, text: str, language: str) -> None:
    reply = await app.summaries.respond(private(text), "en")
    points = points_of(reply)
    assert reply.kind is AnswerKind.SUMMARY
    assert len(points) == 3
    assert all(point in text for point in points)
    assert reply.votable


def attachment(name: str, data: bytes, size: int | None = None) -> Attachment:
    async def save(path: Path) -> None:
        path.write_bytes(data)

    return Attachment(name, len(data) if size is None else size, save)


async def stored(app: App, incoming: Incoming, reply: Reply) -> int:
    async with app.database.write() as tx:
        return (await tx.answers.record(new_message(incoming, reply), None, new_answer(incoming, reply))).id


async def test_a_quoted_message_is_what_is_meant(app: App) -> None:
    reply = await app.summaries.respond(private("", quoted=ARTICLE), "en")
    assert reply.kind is AnswerKind.SUMMARY


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Send /summarize with a link"),
        ("Only a few words.", "short enough"),
        ("http://127.0.0.1/x", "I open public web pages only"),
        ("what does http://10.0.0.1:8080/ say?", "I open public web pages only"),
        ("http://ada:x@example.org/", "not a web address"),
    ],
)
async def test_what_cannot_be_summarised_is_said(app: App, text: str, words: str) -> None:
    reply = await app.summaries.respond(private(text), "en")
    assert words in reply.plain
    assert reply.kind is AnswerKind.NOTICE


@pytest.mark.parametrize(
    ("wish", "points"), [("2 ", 2), ("short ", 2), ("短 ", 2), ("long ", 6), ("详细 ", 6), ("7 ", 7), ("", 3)]
)
async def test_how_much_to_read_can_be_said(app: App, wish: str, points: int) -> None:
    assert len(points_of(await app.summaries.respond(private(f"{wish}{ARTICLE}"), "en"))) == points


async def test_a_sent_file_and_a_quoted_one_are_summarised(app: App) -> None:
    file = attachment("harbour.md", f"# The harbour\n\n{ARTICLE}".encode())
    for incoming in (replace(private(""), attached=file), replace(private("short"), quoted_file=file)):
        reply = await app.summaries.respond(incoming, "en")
        assert reply.plain.startswith("Summary: The harbour")
        assert reply.articles[0].source == "harbour.md"


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (attachment("big.pdf", b"", size=30_000_000), "big.pdf is too large for me."),
        (attachment("song.mp3", b"x"), "but not song.mp3"),
        (attachment("note.txt", b"Only a few words."), "short enough"),
    ],
)
async def test_a_file_that_cannot_be_summarised_is_said(app: App, file: Attachment, words: str) -> None:
    reply = await app.summaries.respond(replace(private(""), attached=file), "en")
    assert reply.kind is AnswerKind.NOTICE
    assert words in reply.plain


@pytest.fixture
def linked(app: App, sources: SourceReader) -> Summaries:
    """Summaries that may read links to this machine."""
    return Summaries(app.database, app.inference, sources, app.knowledge)


def article(title: str, text: str) -> bytes:
    body = f"<html><head><title>{title}</title></head><body><article><p>{text}</p></article></body></html>"
    return page(body.encode(), kind="text/html; charset=utf-8")


@pytest.mark.slow
async def test_several_links_are_summarised_and_what_fails_is_said_beside_the_rest(
    linked: Summaries, server: Server
) -> None:
    server.pages = {"/en": article("Harbour", ARTICLE), "/zh": article("港口", ARTICLE_ZH)}
    links = [f"{server.base}/{name}" for name in ("en", "zh", "none")]
    reply = await linked.respond(private(" ".join(links)), "en")
    assert [item.source for item in reply.articles] == links[:2]
    assert "Summary: Harbour" in reply.plain
    assert "Summary: 港口" in reply.plain
    assert summary_texts.FOREIGN.en.strip("_") in reply.plain
    assert f"The page could not be opened: {links[2]}" in reply.plain
    more = await linked.respond(private(" ".join([*links, f"{server.base}/4"])), "zh")
    assert "一次最多读 3 个链接" in more.plain


@pytest.mark.slow
async def test_the_link_of_a_quoted_message_is_read_also_behind_words(linked: Summaries, server: Server) -> None:
    server.pages = {"/en": article("Harbour", ARTICLE)}
    link = f"{server.base}/en"
    for incoming in (
        private("", quoted=f"look at {link}"),
        replace(private("", quoted="look"), quoted_links=(link,)),
        replace(private("what does this say?"), links=(link,)),
    ):
        assert (await linked.respond(incoming, "en")).articles[0].source == link


async def test_a_long_text_that_holds_a_link_is_summarised_itself_when_it_is_quoted(app: App) -> None:
    reply = await app.summaries.respond(private("", quoted=f"{ARTICLE} http://127.0.0.1/"), "en")
    assert reply.kind is AnswerKind.SUMMARY
    assert reply.articles[0].source == ""


async def test_a_summary_can_be_made_shorter_and_longer(app: App) -> None:
    incoming = private(ARTICLE)
    reply = await app.summaries.respond(incoming, "en")
    first = await stored(app, incoming, reply)
    longer = await app.summaries.again(first, "longer", "en")
    assert isinstance(longer, Reply)
    assert len(points_of(longer)) == 6
    shorter = await app.summaries.again(first, "shorter", "en")
    assert isinstance(shorter, Reply)
    assert len(points_of(shorter)) == 1
    shortest = await stored(app, private(ARTICLE, number=7), shorter)
    assert await app.summaries.again(shortest, "shorter", "en") == summary_texts.NO_SHORTER
    assert await app.summaries.again(99, "shorter", "en") == texts.EXPIRED


async def test_all_of_a_text_cannot_be_made_longer(app: App) -> None:
    incoming = private(f"20 {ARTICLE}")
    number = await stored(app, incoming, await app.summaries.respond(incoming, "en"))
    assert await app.summaries.again(number, "longer", "en") == summary_texts.NO_LONGER


@pytest.mark.parametrize("everybody", [False, True])
async def test_what_was_summarised_can_be_kept_for_the_chat_or_for_everybody(app: App, everybody: bool) -> None:
    incoming = private(ARTICLE)
    number = await stored(app, incoming, await app.summaries.respond(incoming, "en"))
    assert await app.summaries.keep(number, ADA.id, None if everybody else incoming.place)
    scope = SHARED if everybody else chat_scope(incoming.place.chat_id)
    (kept,) = [document for document in await app.knowledge.documents({scope}) if document.uri.startswith("summary:")]
    assert kept.characters == len(ARTICLE)
    assert not await app.summaries.keep(99, ADA.id, None)


async def test_a_generator_words_the_summary_and_its_figures_are_checked(app: App) -> None:
    said = "The harbour employs people every day.\nSentence number 99 tells about the harbour and its ships."
    app.inference.models = replace(app.inference.models, generator=Parrot([said]))
    reply = await app.summaries.respond(private(ARTICLE), "en")
    first, second = points_of(reply)
    assert first == "The harbour employs people every day."
    assert second in ARTICLE
    assert "99" not in reply.plain
    assert summary_texts.IN_OWN_WORDS.en.strip("_") in reply.plain


async def test_where_the_generator_fails_the_summary_is_taken_from_the_text(app: App) -> None:
    app.inference.models = replace(app.inference.models, generator=Parrot([RuntimeError("gone")]))
    reply = await app.summaries.respond(private(ARTICLE), "en")
    assert all(point in ARTICLE for point in points_of(reply))
    assert len(points_of(reply)) == 3


async def test_a_forwarded_article_is_summarised_without_being_asked(app: App) -> None:
    reply = await app.conversation.respond(replace(private(ARTICLE), forwarded=True))
    assert reply.kind is AnswerKind.SUMMARY
    assert has_something_to_summarize(replace(private(""), attached=attachment("a.txt", b"x")))
    assert not has_something_to_summarize(private("hello"))
