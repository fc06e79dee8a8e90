"""The values that `nlp` hands out: frozen, small, and free of any framework."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Self

Language = Literal["en", "zh"]
HEADING_JOINER = " › "
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters, `0 <= start <= end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Prediction:
    """One label with its calibrated probability in [0, 1]."""

    label: str
    score: float


@dataclass(frozen=True, slots=True)
class Route:
    """Where a message goes.

    `intents` and `topics` are sorted, best first, with calibrated probabilities; `topics` is empty when the router
    was trained without topics. `scope_score` in [0, 1] tells how much the text resembles what the router was
    trained on; `in_scope` is its comparison with the router's threshold. `confident` compares the best intent with
    the router's confidence threshold. `coverage` is the share of tokens that the encoder knows.
    """

    language: Language
    intents: tuple[Prediction, ...]
    topics: tuple[Prediction, ...]
    scope_score: float
    in_scope: bool
    confident: bool
    coverage: float

    @property
    def intent(self) -> Prediction:
        """The most probable intent."""
        return self.intents[0]

    @property
    def topic(self) -> Prediction | None:
        """The most probable topic, if the router knows topics."""
        return self.topics[0] if self.topics else None


def searchable(title: str, heading: str, text: str, whole: bool = False) -> str:
    """What is indexed of a piece of a document: its title, its headings and its text together.

    The question of a `whole` piece counts twice, because the answer may be long and speak of much else.
    """
    above = HEADING_JOINER.join(part for part in (title, heading) if part)
    joined = f"{above}\n{text}" if above else text
    return f"{_label(title, heading)}\n{joined}" if whole else joined


def embedded(title: str, heading: str, text: str, whole: bool = False) -> str:
    """What is embedded of a piece: all of it, or the question of a `whole` piece, as it is questions that are asked.

    Of the questions of a list of 398, 87 in 100 find their own entry first when all of it is embedded and indexed
    once, 96 as it is here.
    """
    return _label(title, heading) if whole else searchable(title, heading, text)


def _label(title: str, heading: str) -> str:
    return heading.rpartition(HEADING_JOINER)[2] or title


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that can be retrieved and cited.

    `key` identifies it for the indexes; `heading` is the path of headings above it; `page` counts from 1 where the
    document has pages. A `whole` passage is the answer of a question-answer entry, shown whole or not at all.
    """

    key: int
    text: str
    title: str
    heading: str = ""
    page: int | None = None
    document: int = 0
    language: Language = "en"
    whole: bool = False

    @property
    def searchable(self) -> str:
        """What is indexed of the passage."""
        return searchable(self.title, self.heading, self.text, self.whole)

    @property
    def label(self) -> str:
        """The heading right above the passage, or the title where there is none."""
        return _label(self.title, self.heading)


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage's key with its scores, all in [0, 1]: `score` fuses `dense` and `lexical`."""

    key: int
    score: float
    dense: float
    lexical: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sentence of a passage that speaks to the question.

    `score` in [0, 1] is comparable between passages; `span` is its place in `passage.text`; `marks` are the places,
    relative to the sentence, of the words it shares with the question; `short` is that of the short answer, if the
    reader is sure of one.
    """

    passage: Passage
    span: Span
    score: float
    marks: tuple[Span, ...] = ()
    short: Span | None = None

    @property
    def text(self) -> str:
        """The sentence itself."""
        return self.passage.text[self.span.start : self.span.end]

    @property
    def short_text(self) -> str:
        """The short answer in it, or all of it."""
        return self.text[self.short.start : self.short.end] if self.short else self.text


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence that a generator phrased, checked against what it cites; `cited` are keys of passages, not empty."""

    text: str
    cited: tuple[int, ...]


class Verdict(StrEnum):
    """Whether the documents answer."""

    ANSWERED = "answered"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the documents say, or that they do not.

    `evidence` holds the sentences shown, in reading order, each citing its passage; when refused it is empty and
    `nearest` holds the passages that came closest, or that of `closest`, a sentence that may be what was asked for,
    where there is one. `confidence` in [0, 1] is the probability that the documents
    answer the question. Where a generator phrased the answer, `wording` holds its sentences, and `evidence` the
    sentences of the documents that they stand on. `generator` names who speaks.
    """

    language: Language
    verdict: Verdict
    confidence: float
    evidence: tuple[Evidence, ...] = ()
    nearest: tuple[Passage, ...] = ()
    closest: Evidence | None = None
    generator: str = "extractive"
    wording: tuple[Statement, ...] = ()

    @property
    def text(self) -> str:
        """The answer as plain text, without citations."""
        joiner = "" if self.language == "zh" else " "
        return joiner.join(item.text for item in self.wording or self.evidence)


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a document's text under one path of headings, optionally on one page; a `whole` one is not cut."""

    span: Span
    heading: str
    page: int | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A file or page as text. `sections` cover `text` in order; `media_type` names what it was read from.

    Of a web page: its `author`, its ISO `date`, what its lead `picture` shows, as far as the page says; `partial` where
    it says that the rest is for those who pay or sign in.
    """

    title: str
    text: str
    language: Language
    media_type: str
    sections: tuple[Section, ...] = field(default=())
    author: str = ""
    date: str = ""
    picture: str = ""
    partial: bool = False

    @classmethod
    def restore(cls, raw: Mapping[str, Any]) -> Self:
        """The document that `dataclasses.asdict` has taken apart."""
        sections = tuple(Section(**{**section, "span": Span(**section["span"])}) for section in raw["sections"])
        return cls(**{**raw, "sections": sections})


@dataclass(frozen=True, slots=True)
class Chunk:
    """A retrievable piece of a document: `text == document.text[span.start:span.end]`; `whole` as in `Passage`."""

    ordinal: int
    span: Span
    text: str
    heading: str
    language: Language
    page: int | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands out in a text, most telling first, each as it is written there, at most five of each."""

    figures: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()


_UNITS_A_MINUTE: dict[Language, float] = {"en": 240.0, "zh": 500.0}


@dataclass(frozen=True, slots=True)
class Summary:
    """The sentences that stand for a text, in the order of the text.

    A sentence may lack a clause that it has in the text; every word of it is there. `headline` is the single most
    telling sentence, trimmed; it is empty where the text is too short to need one. `source_units` is the reading
    length of the text: words plus Chinese characters.
    """

    language: Language
    title: str
    sentences: tuple[str, ...]
    source_characters: int
    headline: str = ""
    facts: Facts = Facts()
    source_units: int = 0

    @property
    def minutes_saved(self) -> float:
        """The time to read the text less that to read its summary, in minutes, at least 0.

        At 240 English words a minute (238 for non-fiction: Brysbaert 2019, "How many words do we read per minute?")
        or 500 Chinese characters, with which Medium reckons its reading times.
        """
        from nlp.text import length  # which needs the types above

        pace = _UNITS_A_MINUTE[self.language]
        return max(0.0, self.source_units - sum(map(length, (self.headline, *self.sentences)))) / pace
