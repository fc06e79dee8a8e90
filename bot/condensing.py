"""Summaries in a generator's words: part by part, each sentence checked, within a bounded number of calls."""

from dataclasses import dataclass

from bot import summary_texts as texts
from bot.inference import Inference
from bot.streaming import Show, silent
from nlp.condense import NOTES, Part, note, parts
from nlp.generator import Task
from nlp.reader import Reading
from nlp.types import Document, Language

_ROUNDS = 3  # 24 parts make at most 5 of notes, and these one


@dataclass(frozen=True, slots=True)
class Order:
    """What is wished: so many points, in a language, with the progress told to `show`."""

    points: int
    language: Language
    show: Show = silent


async def condense(inference: Inference, document: Document, order: Order) -> tuple[str, ...]:
    """The points of a document in the words of the generator; none where it fails."""
    whole = await inference.run(parts, document)
    pieces = whole
    for _ in range(_ROUNDS):
        if len(pieces) <= 1:
            break
        pieces = await inference.run(parts, await _notes(inference, document, pieces, order))
    if len(pieces) != 1:
        return ()
    written = await _write(inference, pieces[0].text, order.points, order.language)
    source = Part("\n\n".join([*(part.text for part in whole), document.title]))
    return await inference.run(source.checked, written, order.points)


async def _notes(inference: Inference, document: Document, pieces: list[Part], order: Order) -> Document:
    """What the parts say, as a document."""
    said: list[str] = []
    for number, part in enumerate(pieces, 1):
        order.show(texts.PROGRESS.plain(order.language, number=number, parts=len(pieces)))
        written = await _write(inference, part.text, NOTES, order.language)
        kept = await inference.run(part.checked, written, NOTES)
        said.append(note(kept or await _extracted(inference, document, part)))
    return Document(document.title, "\n\n".join(said), document.language, document.media_type)


async def _write(inference: Inference, text: str, points: int, language: Language) -> str:
    return await inference.compose(Task(text, language, Reading((), 0.0), "summarize", points), silent)


async def _extracted(inference: Inference, document: Document, part: Part) -> tuple[str, ...]:
    piece = Document("", part.text, document.language, document.media_type)
    return (await inference.run(inference.models.summarizer.summarize, piece, NOTES)).sentences
