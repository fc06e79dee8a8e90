"""Use case: summaries of links, files and texts, and what people do with a summary."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from bot import summary_texts, texts
from bot.condensing import Order, condense
from bot.dialogue import Attachment, Incoming, Place, Reply, notice
from bot.errors import FetchError
from bot.inference import Inference
from bot.knowledge import Knowledge, chat_scope
from bot.links import find_links, without_links
from bot.reading import SourceReader
from bot.richtext import RichText, join
from bot.stopwatch import Stopwatch
from bot.streaming import Show, silent
from bot.summary_replies import summary_buttons, summary_text
from bot.wishes import MOST_POINTS, Wish, wish_of
from bot.wording import Text
from nlp.blocks import assemble, plain_blocks
from nlp.errors import DocumentError
from nlp.text import length
from nlp.types import Document, Language, Summary
from storage.database import Database
from storage.records import SHARED, AnswerKind, Article

_LEAST_UNITS = 60  # words plus Chinese characters below which a summary would save nobody time
_MOST_LINKS = 3
_REHEARSAL = (
    "<html><body><article><h1>The mill</h1><p>The old mill was opened to visitors in May. It had stood empty for years."
    " Its wheel turns again, and on Sundays bread is sold there.</p></article></body></html>"
)
Change = Literal["shorter", "longer"]


@dataclass(frozen=True, slots=True)
class _Read:
    """Something to summarise, and where it came from; or what to say instead."""

    source: str
    document: Document | None = None
    problem: RichText = ()


@dataclass(frozen=True, slots=True)
class _Made:
    """A summary of an article."""

    article: Article
    text: RichText


class Summaries:
    """Summarises what a message links to, carries, quotes or contains."""

    def __init__(self, database: Database, inference: Inference, sources: SourceReader, knowledge: Knowledge) -> None:
        self._database = database
        self._inference = inference
        self._sources = sources
        self._knowledge = knowledge

    async def respond(self, incoming: Incoming, language: Language) -> Reply:
        """A summary of the links or the file in the message, else of its own text, else of what it replies to."""
        watch, wish = Stopwatch(), wish_of(incoming.text)
        links = _links(incoming)
        found = await self._gather(incoming, wish, links[:_MOST_LINKS], language)
        watch.lap("read")
        readable = [(item.source, item.document) for item in found if item.document is not None]
        problems = [item.problem for item in found if item.document is None]
        if not found:
            return notice(language, summary_texts.SUMMARIZE_WHAT.rich(language))
        if not readable:
            return notice(language, join(problems, "\n\n"))
        made = [await self._make(source, document, wish, language, incoming.show) for source, document in readable]
        watch.lap("summarize")
        if len(links) > _MOST_LINKS:
            problems.append(summary_texts.MORE_LINKS.rich(language, most=_MOST_LINKS))
        return self._reply(made, problems, language, watch)

    async def again(self, answer_id: int, change: Change, language: Language) -> Reply | Text:
        """A stored summary with half or twice as many points; or a text that says why there is none."""
        async with self._database.read() as tx:
            articles = await tx.answers.articles(answer_id)
        if not articles:
            return texts.EXPIRED
        watch, made = Stopwatch(), []
        for article in articles:
            points = max(1, article.points // 2) if change == "shorter" else min(MOST_POINTS, article.points * 2)
            wish = Wish("", points)
            made.append(await self._make(article.source, Document.restore(article.document), wish, language))
        watch.lap("summarize")
        if [new.article.points for new in made] == [article.points for article in articles]:
            return summary_texts.NO_SHORTER if change == "shorter" else summary_texts.NO_LONGER
        return self._reply(made, [], language, watch)

    async def rehearse(self) -> None:
        """Read and summarise a small page for nobody: this loads, once, what the first summary would wait for.

        Raises:
            DocumentError: a page cannot be read now.
        """
        document = await self._sources.attachment(Attachment("page.html", len(_REHEARSAL), _save_rehearsal))
        await self._inference.run(self._inference.models.summarizer.summarize, document, 1)

    async def keep(self, answer_id: int, person: int, place: Place | None) -> bool:
        """Put what a summary was made of into the knowledge of a place, or into everybody's; false when it is gone."""
        async with self._database.read() as tx:
            articles = await tx.answers.articles(answer_id)
        scope = SHARED if place is None else chat_scope(place.chat_id, place.thread_id)
        for number, article in enumerate(articles):
            uri = article.source or f"summary:{answer_id}:{number}"
            await self._knowledge.keep(Document.restore(article.document), uri, person, scope)
        return bool(articles)

    async def _gather(
        self, incoming: Incoming, wish: Wish, links: Sequence[str], language: Language
    ) -> Sequence[_Read]:
        if links:
            return await asyncio.gather(*(self._link(link, incoming.person.id, language) for link in links))
        attachment = incoming.attached or incoming.quoted_file
        if attachment is not None:
            return [await self._read(attachment.name, self._sources.attachment(attachment), language)]
        own = wish.text if length(wish.text) >= _LEAST_UNITS or not incoming.quoted else incoming.quoted
        if not own.strip():
            return []
        if length(own) < _LEAST_UNITS:
            return [_Read("", problem=summary_texts.TOO_SHORT.rich(language))]
        return [_Read("", text_document(own))]

    async def _link(self, link: str, person: int, language: Language) -> _Read:
        return await self._read(link, self._sources.url(link, person), language)

    async def _read(self, source: str, reading: Awaitable[Document], language: Language) -> _Read:
        try:
            document = await reading
        except FetchError as error:
            return _Read(source, problem=texts.LINK_ERRORS[error.reason].rich(language, url=source))
        except DocumentError as error:
            return _Read(source, problem=texts.FILE_ERRORS[error.reason].rich(language, name=source))
        if length(document.text) < _LEAST_UNITS:
            return _Read(source, problem=summary_texts.TOO_SHORT.rich(language))
        return _Read(source, document)

    async def _make(
        self, source: str, document: Document, wish: Wish, language: Language, show: Show = silent
    ) -> _Made:
        models, points = self._inference.models, wish.count(length(document.text))
        summary = await self._inference.run(models.summarizer.summarize, document, points)
        worded: tuple[str, ...] = ()
        if models.generator.phrases:
            worded = await condense(self._inference, document, Order(points, language, show))
        shown = replace(summary, sentences=worded, language=language, headline="") if worded else summary
        text = summary_text(document, shown, language, worded=bool(worded))
        return _Made(Article(source, _points(points, shown), asdict(document)), text)

    def _reply(
        self, made: Sequence[_Made], problems: Sequence[RichText], language: Language, watch: Stopwatch
    ) -> Reply:
        return Reply(
            AnswerKind.SUMMARY,
            language,
            join([*(item.text for item in made), *problems], "\n\n"),
            summary_buttons(language),
            votable=True,
            versions=self._inference.models.versions,
            timings=watch.milliseconds,
            articles=tuple(item.article for item in made),
        )


async def _save_rehearsal(path: Path) -> None:
    path.write_text(_REHEARSAL, encoding="utf-8")


def _points(wished: int, summary: Summary) -> int:
    """How many points a summary has; no more than the text gave."""
    return min(wished, len(summary.sentences)) or 1


def has_something_to_summarize(incoming: Incoming) -> bool:
    """True when a message brings, or replies to, a link, a file or a text that is long enough."""
    files = incoming.attached or incoming.quoted_file
    return bool(_links(incoming) or files) or length(incoming.quoted or incoming.text) >= _LEAST_UNITS


def _links(incoming: Incoming) -> list[str]:
    """The links of a message; where it has neither one nor a file of its own, those of the quoted one.

    A text that is long by itself is what is meant, and not what it links to.
    """
    if _is_long(incoming.text) or incoming.attached:
        return []
    own = [*find_links(incoming.text), *incoming.links]
    if own or incoming.quoted_file or _is_long(incoming.quoted):
        return list(dict.fromkeys(own))
    return list(dict.fromkeys([*find_links(incoming.quoted), *incoming.quoted_links]))


def _is_long(text: str) -> bool:
    return length(without_links(text)) >= _LEAST_UNITS


def text_document(text: str) -> Document:
    """A pasted text as a document without a title."""
    return assemble(plain_blocks(text), "", "text/plain")
