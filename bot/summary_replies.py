"""How summaries and digests look, and which buttons go below."""

from collections.abc import Sequence

from bot import summary_texts as texts
from bot.dialogue import Button
from bot.replies import short_title
from bot.richtext import Piece, RichText, Style, join, plain
from bot.wording import Text
from nlp.types import Document, Facts, Language, Summary

SUMMARY = "sum"
SHORTER, LONGER, ASK, SAVE = "shorter", "longer", "ask", "save"


def summary_text(document: Document, summary: Summary, language: Language, *, worded: bool = False) -> RichText:
    """A summary: title and by-line, headline, points, facts, and a word on its language or on who worded it."""
    points = [plain(f"• {sentence}") for sentence in summary.sentences]
    parts = [_head(document, summary, language), *_headline(summary), *points, *_facts(summary.facts, language)]
    if worded:
        parts.append(texts.IN_OWN_WORDS.rich(language))
    elif summary.language != language:
        parts.append(texts.FOREIGN.rich(language))
    return join(parts, "\n\n")


def _head(document: Document, summary: Summary, language: Language) -> RichText:
    title = short_title(summary.title)
    head = texts.SUMMARY.rich(language, title=title) if title else texts.SUMMARY_PLAIN.rich(language)
    about = [document.author, document.date]
    if summary.minutes_saved >= 1:
        about.append(texts.SAVED_MINUTES.plain(language, minutes=round(summary.minutes_saved)))
    if document.partial:
        about.append(texts.PARTIAL.plain(language))
    said = " · ".join(part for part in about if part)
    return join([head, plain(said, Style.ITALIC)]) if said else head


def _headline(summary: Summary) -> list[RichText]:
    """The headline, where the points do not say the same."""
    if not summary.headline or any(summary.headline in point for point in summary.sentences):
        return []
    return [plain(summary.headline, Style.BOLD)]


def _facts(facts: Facts, language: Language) -> list[RichText]:
    named: Sequence[tuple[Text, Sequence[str]]] = (
        (texts.FIGURES, facts.figures),
        (texts.PEOPLE, facts.people),
        (texts.PLACES, facts.places),
        (texts.DATES, facts.dates),
    )
    colon, comma = ("：", "、") if language == "zh" else (": ", ", ")
    lines = [
        (Piece(f"{name.plain(language)}{colon}", Style.ITALIC), *plain(comma.join(values)))
        for name, values in named
        if values
    ]
    return [join(lines)] if lines else []


def summary_buttons(language: Language) -> tuple[tuple[Button, ...], ...]:
    """Shorter and longer; to ask about it; and, which admins alone may do, to keep it for everybody."""
    rows = ([(texts.SHORTER, SHORTER), (texts.LONGER, LONGER)], [(texts.ASK_ABOUT, ASK), (texts.SAVE, SAVE)])
    return tuple(tuple(Button(text.plain(language), f"{SUMMARY}:{name}") for text, name in row) for row in rows)


def digest_text(messages: int, people: int, points: Sequence[str], language: Language) -> RichText:
    """A digest: how much was said, and the most telling messages."""
    head = texts.DIGEST.rich(language, messages=messages, people=people)
    return join([head, *(plain(f"• {point}") for point in points)], "\n\n")
