"""How answers, refusals, summaries and sources look, and which buttons go below."""

from collections.abc import Mapping, Sequence

from bot import texts
from bot.dialogue import Button
from bot.richtext import Piece, RichText, Style, join, plain
from nlp.types import Answer, Evidence, Language, Passage, Span
from storage.records import Source

VOTE, CLARIFY, SAMPLE, LANGUAGE, SHARE = "vote", "intent", "sample", "language", "share"
SOURCE, REASON, TEACH = "source", "why", "teach"
_QUOTE_LENGTH = 600
_TITLE_LENGTH = 120


def answer_text(answer: Answer) -> RichText:
    """The sentences with their source numbers; then the sources."""
    numbers = source_numbers(answer.evidence)
    listed = [(numbers[p.key], p) for p in _cited(answer.evidence)]
    sources = _source_list(texts.SOURCES.rich(answer.language), listed, answer.language)
    return join([join(answer_sentences(answer), " "), sources], "\n\n")


def answer_sentences(answer: Answer) -> list[RichText]:
    """The sentences, worded by a generator or with their marks, each with its source numbers."""
    numbers = source_numbers(answer.evidence)
    return _worded(answer, numbers) if answer.wording else _quoted(answer, numbers)


def framed(text: RichText, language: Language, understood: str | None, *, again: bool = False) -> RichText:
    """What is said to a follow-up: above it the question it was taken for, or below it that only words of ours changed.

    `again` tells that the same question was asked for in another language.
    """
    if again:
        return join([text, texts.QUOTED_AS_WRITTEN.rich(language)], "\n\n")
    return join([texts.UNDERSTOOD.rich(language, question=understood), text], "\n\n") if understood else text


def _quoted(answer: Answer, numbers: Mapping[int, int]) -> list[RichText]:
    return [(*_marked(item), Piece(_cite([numbers[item.passage.key]], answer.language))) for item in answer.evidence]


def _worded(answer: Answer, numbers: Mapping[int, int]) -> list[RichText]:
    return [
        (Piece(statement.text), Piece(_cite([numbers[key] for key in statement.cited], answer.language)))
        for statement in answer.wording
    ]


def _cite(numbers: Sequence[int], language: Language) -> str:
    return ("" if language == "zh" else " ") + "".join(f"[{number}]" for number in numbers)


def source_numbers(evidence: Sequence[Evidence]) -> dict[int, int]:
    """The number of each cited passage, by its key, in order of appearance."""
    return {passage.key: number for number, passage in enumerate(_cited(evidence), 1)}


def _cited(evidence: Sequence[Evidence]) -> list[Passage]:
    return list({item.passage.key: item.passage for item in evidence}.values())


def _marked(item: Evidence) -> list[Piece]:
    pieces: list[Piece] = []
    end = 0
    for mark in [*item.marks, Span(len(item.text), len(item.text))]:
        pieces += [Piece(item.text[end : mark.start]), Piece(item.text[mark.start : mark.end], Style.BOLD)]
        end = mark.end
    return [piece for piece in pieces if piece.text]


def _source_list(head: RichText, listed: Sequence[tuple[int, Passage]], language: Language) -> RichText:
    lines = [
        (*plain(f"[{number}] {short_title(passage.title)}"), *plain(_after(place(passage, language)), Style.ITALIC))
        for number, passage in listed
    ]
    return join([head, *lines])


def _after(text: str) -> str:
    return f" — {text}" if text else ""


def short_title(title: str) -> str:
    """A title of bounded length."""
    return title if len(title) <= _TITLE_LENGTH else title[: _TITLE_LENGTH - 1] + "…"


def place(passage: Passage, language: Language) -> str:
    """Where in its document a passage stands: headings and page."""
    page = texts.PAGE.plain(language, page=passage.page) if passage.page else ""
    comma = "，" if language == "zh" else ", "
    return comma.join(part for part in (short_title(passage.heading), page) if part)


def refusal_text(answer: Answer) -> RichText:
    """That the documents do not say, or may not, with what came closest."""
    refusal = (texts.UNSURE if answer.closest else texts.REFUSAL).rich(answer.language)
    return join([refusal, nearest_text(answer)], "\n\n") if answer.nearest else refusal


def nearest_text(answer: Answer) -> RichText:
    """The titles and places that came closest, with the sentence that may be what was asked for."""
    nearest = list({passage.title + passage.heading: passage for passage in answer.nearest}.values())
    lines = [
        (*plain(f"• {short_title(passage.title)}"), *plain(_after(place(passage, answer.language)), Style.ITALIC))
        for passage in nearest
    ]
    quoted = [_quote(answer.closest.text)] if answer.closest else []
    return join([texts.NEAREST.rich(answer.language), *lines, *quoted])


def sources_text(sources: Sequence[Source], language: Language) -> RichText:
    """The passages behind an answer, quoted."""
    parts = [
        join([(Piece(f"[{s.number}] {short_title(s.title)}", Style.BOLD), *plain(_after(s.place))), _quote(s.quote)])
        for s in sources
    ]
    return join([texts.SOURCES_OF.rich(language), *parts], "\n\n")


def passage_text(source: Source) -> RichText:
    """One passage behind an answer, whole, under its document, heading and page."""
    head = (
        Piece(f"[{source.number}] {short_title(source.title)}", Style.BOLD),
        *plain(_after(source.place), Style.ITALIC),
    )
    return join([head, plain(source.quote, Style.QUOTE)])


def _quote(text: str) -> RichText:
    return plain(text if len(text) <= _QUOTE_LENGTH else text[: _QUOTE_LENGTH - 1] + "…", Style.QUOTE)


def citations(answer: Answer) -> tuple[Source, ...]:
    """The sources of an answer as they are stored."""
    numbers = source_numbers(answer.evidence)
    best: dict[int, float] = {}
    for item in answer.evidence:
        best[item.passage.key] = max(best.get(item.passage.key, 0.0), item.score)
    return tuple(
        Source(numbers[p.key], p.title, place(p, answer.language), p.text, best[p.key], p.key)
        for p in _cited(answer.evidence)
    )


def source_buttons(answer: Answer | None) -> tuple[tuple[Button, ...], ...]:
    """One button for each passage behind an answer, in one row; none without an answer from documents."""
    numbers = source_numbers(answer.evidence).values() if answer else ()
    return (tuple(Button(f"📄 {number}", f"{SOURCE}:{number}") for number in numbers),) if numbers else ()


def vote_buttons() -> tuple[Button, ...]:
    """👍 and 👎."""
    return (Button("👍", f"{VOTE}:1"), Button("👎", f"{VOTE}:-1"))


def reason_buttons(language: Language) -> tuple[tuple[Button, ...], ...]:
    """What may be wrong with an answer, two reasons to a row."""
    buttons = [Button(text.plain(language), f"{REASON}:{name}") for name, text in texts.REASONS.items()]
    return tuple(tuple(buttons[place : place + 2]) for place in range(0, len(buttons), 2))


def teach_button(language: Language) -> tuple[Button, ...]:
    """An admin's way to say what the right answer is."""
    return (Button(texts.TEACH.plain(language), f"{TEACH}:"),)


def clarify_buttons(intents: Sequence[str], language: Language) -> tuple[tuple[Button, ...], ...]:
    """One button for each meaning that a message may have."""
    return tuple((Button(texts.INTENTS[name].plain(language), f"{CLARIFY}:{name}"),) for name in intents)


def sample_buttons(language: Language) -> tuple[tuple[Button, ...], ...]:
    """One button for each sample question."""
    return tuple((Button(sample.plain(language), f"{SAMPLE}:{number}"),) for number, sample in enumerate(texts.SAMPLES))


def welcome_buttons(language: Language) -> tuple[tuple[Button, ...], ...]:
    """Something to ask, and the choice of language."""
    return (*sample_buttons(language), language_buttons()[0])


def language_buttons() -> tuple[tuple[Button, ...], ...]:
    """The languages, each in its own name."""
    return (
        (Button("English", f"{LANGUAGE}:en"), Button("中文", f"{LANGUAGE}:zh")),
        (Button("Auto / 自动", f"{LANGUAGE}:auto"),),
    )


def share_button(document_id: int, language: Language) -> tuple[Button, ...]:
    """An admin's way to make a document everybody's."""
    return (Button(texts.SHARE_WITH_ALL.plain(language), f"{SHARE}:{document_id}"),)
