"""What people say of messages, as it is stored, in the terms in which learning weighs it (`nlp.learning.evidence`)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from nlp.learning.evidence import AGAINST, Opinion, Person, Rank, Signal, Verdict, opinion, settle
from nlp.learning.samples import Sample
from nlp.text import detect_language
from storage.consent import may_teach
from storage.records import Author, HeardMessage, Role, Voice

ORIGIN = "message:"  # how the origin of a row that came from a message begins
_GOOD, _BAD = "good", "bad"  # what votes say of an answer
_EXPLICIT = ("review", "clarification")
_VOTES = {
    ("button", 1): Signal.UP,
    ("button", -1): Signal.DOWN,
    ("reaction", 1): Signal.REACTION_UP,
    ("reaction", -1): Signal.REACTION_DOWN,
}
_SIGNS = {signal.value: signal for signal in (Signal.REPHRASED, Signal.DENIED, Signal.THANKED)}


def samples(
    messages: Iterable[HeardMessage],
    authors: Mapping[int, Author],
    now: datetime,
    *,
    admins: Collection[int],
    assumed: bool,
) -> list[Sample]:
    """The messages whose opinions come to a label.

    `admins` are so by the settings, whatever the database says; `assumed` is whether who has said nothing lets the bot
    learn.
    """
    people = persons(authors, now, admins)
    found = [_sample(message, people, authors, assumed=assumed) for message in messages]
    return [sample for sample in found if sample is not None]


def persons(authors: Mapping[int, Author], now: datetime, admins: Collection[int]) -> dict[int, Person]:
    """Everybody as the rule of evidence sees them; `admins` are so by the settings."""
    return {author.id: _person(author, now, admin=author.id in admins) for author in authors.values()}


def liking(voices: Iterable[Voice], people: Mapping[int, Person]) -> float:
    """How far an answer is liked, in [-1, 1], by the rule that settles labels too; 0 where that comes to nothing."""
    said = [
        opinion(voice.person, signal, _GOOD, voice.said_at, _BAD if signal in AGAINST else None)
        for voice in voices
        if (signal := _signal(voice))
    ]
    verdict = settle(said, people)
    return -verdict.weight if verdict.label == _BAD else verdict.weight


def labels_alone(message: HeardMessage) -> HeardMessage:
    """The message with what people said that it was, without what they thought of the answer."""
    return replace(message, voices=tuple(voice for voice in message.voices if voice.channel in _EXPLICIT))


def _sample(
    message: HeardMessage, people: Mapping[int, Person], authors: Mapping[int, Author], *, assumed: bool
) -> Sample | None:
    verdict = settle([said for voice in message.voices if (said := _opinion(message, voice))], people)
    if verdict.label is None or not message.text:
        return None
    author = authors.get(message.author)
    consent = author.consent if author else False
    return Sample(
        text=message.text,
        intent=verdict.label,
        topic=_topic(message, verdict),
        language=detect_language(message.text),
        origin=f"{ORIGIN}{message.id}",
        person=message.author,
        conversation=message.conversation,
        said_at=message.said_at,
        weight=verdict.weight,
        golden=any(voice.golden for voice in message.voices),
        consented=may_teach(consent, assumed=assumed),
        trusted=verdict.trusted,
        people=verdict.people,
        established=verdict.established,
        live=message.scores.get(verdict.label),
    )


def _opinion(message: HeardMessage, voice: Voice) -> Opinion | None:
    """What a voice says of the intent; None where it says nothing of it."""
    signal = _signal(voice)
    if signal is None or (voice.intent is None and message.intent is None):
        return None
    if voice.channel in _EXPLICIT and voice.intent is None:
        return None
    if voice.channel == "clarification" and voice.person != message.author:  # what somebody else meant is a guess
        return None
    return opinion(voice.person, signal, message.intent or "", voice.said_at, voice.intent)


def _signal(voice: Voice) -> Signal | None:
    if voice.channel == "review":
        return Signal.REVIEW
    if voice.channel == "clarification":
        return Signal.CLARIFIED
    return _VOTES.get((voice.channel, voice.value)) or _SIGNS.get(voice.channel)


def _topic(message: HeardMessage, verdict: Verdict) -> str | None:
    """The topic that the newest of those named who brought the label about."""
    named = [voice for voice in message.voices if voice.topic and voice.person in verdict.people]
    return max(named, key=lambda voice: voice.said_at).topic if named else None


def _person(author: Author, now: datetime, *, admin: bool) -> Person:
    rank = Rank.ADMIN if admin or author.role == Role.ADMIN else Rank.MEMBER
    return Person(author.id, rank, (now - author.first_seen) / timedelta(days=1), author.days)
