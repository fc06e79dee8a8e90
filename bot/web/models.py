"""What the REST API takes and gives, as /docs describes it."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from nlp.types import Language

MOST_CHARACTERS = 8_000  # of a question
MOST_TO_SUMMARIZE = 200_000  # characters
LARGEST_NUMBER = 2**53 - 1


def _not_blank(text: str) -> str:
    """The text without NUL, which PostgreSQL does not store."""
    text = text.replace("\0", " ")
    if not text.strip():
        raise ValueError("blank")
    return text


Words = AfterValidator(_not_blank)
Question = Annotated[str, StringConstraints(min_length=1, max_length=MOST_CHARACTERS), Words]
Number = Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]


class _Taken(BaseModel):
    """A body; fields that are not known are refused."""

    model_config = ConfigDict(extra="forbid")


class ToRoute(_Taken):
    """A text to classify."""

    text: Question


class ToAsk(_Taken):
    """A question. With the `conversation` of an earlier answer it may be a follow-up."""

    text: Question
    conversation: str | None = Field(None, min_length=1, max_length=64)


class ToSummarize(_Taken):
    """Either a link or a text of 60 words or more. `points` is how many sentences; without it, as fits the length."""

    link: str | None = Field(None, pattern=r"^https?://\S+$", max_length=2000)
    text: Annotated[str, StringConstraints(min_length=1, max_length=MOST_TO_SUMMARIZE), Words] | None = None
    points: int | None = Field(None, ge=1, le=20)
    language: Language = "en"

    @model_validator(mode="after")
    def _one_of_both(self) -> "ToSummarize":
        if (self.link is None) == (self.text is None):
            raise ValueError("give either 'link' or 'text'")
        return self


class ToRate(_Taken):
    """A vote on an answer by its number: 1 likes it, -1 does not, 0 withdraws the vote. `reason` is for -1."""

    answer: Number
    value: Literal[-1, 0, 1]
    reason: Literal["", "wrong", "missing", "long", "other"] = ""


class Score(BaseModel):
    """A label with its probability."""

    label: str
    score: float


class Routed(BaseModel):
    """What a text is taken for, the likeliest first."""

    language: Language
    intents: list[Score]
    topics: list[Score]
    in_scope: bool
    confident: bool


class Cited(BaseModel):
    """A passage behind an answer: `number` is what its sentences cite."""

    number: int
    title: str
    place: str
    quote: str
    score: float


class Answered(BaseModel):
    """An answer or an honest refusal. `id` is what to vote on, `understood` the question a follow-up was taken for."""

    id: int
    conversation: str
    kind: str
    language: Language
    text: str
    confidence: float | None
    understood: str | None
    sources: list[Cited]
    versions: dict[str, object]
    milliseconds: dict[str, float]


class Summarized(BaseModel):
    """A summary. `id` is what to vote on."""

    id: int
    language: Language
    text: str
    versions: dict[str, object]
    milliseconds: dict[str, float]


class Rated(BaseModel):
    """The votes on an answer."""

    up: int
    down: int


class Listed(BaseModel):
    """A document. `shared` ones answer everybody, others only the key that has added them."""

    id: int
    title: str
    uri: str
    language: str
    media_type: str
    characters: int
    passages: int
    shared: bool
    updated_at: datetime


class Documents(BaseModel):
    """The documents that a key finds answers in."""

    documents: list[Listed]


class Kept(BaseModel):
    """What became of a file: added, replaced or unchanged."""

    id: int
    title: str
    change: str
    shared: bool
