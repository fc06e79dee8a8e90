"""Use case: summaries of links and texts."""

import re

from bot import texts
from bot.dialogue import Incoming, Reply, notice
from bot.errors import FetchError
from bot.inference import Inference
from bot.reading import SourceReader
from bot.replies import summary_text
from bot.stopwatch import Stopwatch
from nlp.blocks import assemble, plain_blocks
from nlp.errors import DocumentError
from nlp.text import length
from nlp.types import Document, Language
from storage.records import AnswerKind

_LINK = re.compile(r"https?://[^\s<>\"'，。、；）】》」]+", re.IGNORECASE)
_LEAST_UNITS = 60  # words plus Chinese characters below which a summary would save nobody time
_SENTENCES = 3


class Summaries:
    """Summarises what a message links to, quotes or contains."""

    def __init__(self, inference: Inference, sources: SourceReader) -> None:
        self._inference = inference
        self._sources = sources

    async def respond(self, incoming: Incoming, language: Language) -> Reply:
        """A summary of the link in the message, else of the link or text it replies to, else of its own text."""
        watch = Stopwatch()
        link = _link_of(incoming)
        try:
            document = await self._document(incoming, link)
        except FetchError as error:
            return notice(language, texts.LINK_ERRORS[error.reason].rich(language, url=link))
        except DocumentError as error:
            return notice(language, texts.FILE_ERRORS[error.reason].rich(language, name=link))
        watch.lap("read")
        if document is None:
            return notice(language, texts.SUMMARIZE_WHAT.rich(language))
        if length(document.text) < _LEAST_UNITS:
            return notice(language, texts.TOO_SHORT.rich(language))
        models = self._inference.models
        summary = await self._inference.run(models.summarizer.summarize, document, _SENTENCES)
        watch.lap("summarize")
        return Reply(
            AnswerKind.SUMMARY,
            language,
            summary_text(summary, language),
            votable=True,
            versions=models.versions,
            timings=watch.milliseconds,
        )

    async def _document(self, incoming: Incoming, link: str) -> Document | None:
        if link:
            return await self._sources.url(link)
        text = incoming.quoted or incoming.text
        return text_document(text) if text.strip() else None


def has_something_to_summarize(incoming: Incoming) -> bool:
    """True when a message brings, or replies to, a link or a text that is long enough."""
    return bool(_link_of(incoming)) or length(incoming.quoted or incoming.text) >= _LEAST_UNITS


def _link_of(incoming: Incoming) -> str:
    return find_link(incoming.text) or find_link(incoming.quoted)


def text_document(text: str) -> Document:
    """A pasted text as a document without a title."""
    return assemble(plain_blocks(text), "", "text/plain")


def find_link(text: str) -> str:
    """The first web address in a text, or nothing."""
    match = _LINK.search(text)
    return match[0].rstrip(".,!?:;)") if match else ""
