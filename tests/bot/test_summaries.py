"""Summaries of links and texts."""

import pytest

from bot.app import App
from bot.summaries import find_link
from storage.records import AnswerKind
from tests.support.apps import private

ARTICLE = " ".join(
    f"Sentence number {n} tells about the harbour, its ships and the people who work there every day."
    for n in range(12)
)
ARTICLE_ZH = "".join(f"第{n}句话讲的是港口、船只以及每天在那里工作的人们的故事和他们的生活。" for n in range(12))


@pytest.mark.parametrize(("text", "language"), [(ARTICLE, "en"), (ARTICLE_ZH, "zh")])
async def test_a_text_is_summarised_in_its_own_sentences(app: App, text: str, language: str) -> None:
    reply = await app.summaries.respond(private(text), "en")
    points = [line[2:] for line in reply.plain.split("\n\n") if line.startswith("• ")]
    assert reply.kind is AnswerKind.SUMMARY
    assert len(points) == 3
    assert all(point in text for point in points)
    assert reply.votable


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
    ("text", "link"),
    [
        ("read https://example.org/a?b=1#c, please", "https://example.org/a?b=1#c"),
        ("看看这个：https://example.org/文章。谢谢", "https://example.org/文章"),
        ("(HTTP://EXAMPLE.ORG/)", "HTTP://EXAMPLE.ORG/"),
        ("no link here", ""),
    ],
)
def test_links_are_found(text: str, link: str) -> None:
    assert find_link(text) == link
