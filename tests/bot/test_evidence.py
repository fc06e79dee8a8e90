"""What people say, in the terms of learning: labels of messages, and how far an answer is liked."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.evidence import labels_alone, liking, persons, samples
from nlp.learning.evidence import Rank
from storage.records import Author, HeardMessage, Voice

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=90)
ADMIN, REGULAR, FRESH = 1, 2, 3
AUTHORS = {
    ADMIN: Author(ADMIN, "admin", None, LONG_AGO, 40),
    REGULAR: Author(REGULAR, "allowed", True, LONG_AGO, 40),
    **{FRESH + n: Author(FRESH + n, "stranger", None, NOW, 1) for n in range(20)},
}
PEOPLE = persons(AUTHORS, NOW, admins=())


def vote(person: int, value: int, channel: str = "button") -> Voice:
    return Voice(person, channel, NOW, value=value)


def label(person: int, intent: str, source: str = "review", topic: str | None = None) -> Voice:
    return Voice(person, source, NOW, intent, topic)


def message(*voices: Voice, text: str = "remind me to call", author: int = REGULAR) -> HeardMessage:
    return HeardMessage(5, text, author, "2::2026-03-01:0", NOW, "en", "question", None, {"question": 0.6}, voices)


def test_admins_of_the_settings_are_admins_whatever_the_database_says() -> None:
    assert persons(AUTHORS, NOW, admins=[REGULAR])[REGULAR].rank is Rank.ADMIN
    assert PEOPLE[ADMIN].rank is Rank.ADMIN
    assert PEOPLE[FRESH].standing < 0.2 < PEOPLE[REGULAR].standing == 1.0


def test_an_admins_vote_decides_and_a_regulars_counts_less() -> None:
    assert liking([vote(ADMIN, 1), *(vote(FRESH + n, -1) for n in range(20))], PEOPLE) == 1.0
    assert liking([vote(REGULAR, 1)], PEOPLE) == pytest.approx(0.4)
    assert liking([vote(REGULAR, -1, "reaction")], PEOPLE) == pytest.approx(-0.3)


def test_a_crowd_of_newcomers_does_not_outvote_one_regular() -> None:
    assert liking([vote(REGULAR, 1), *(vote(FRESH + n, -1) for n in range(20))], PEOPLE) >= 0.0
    assert liking([vote(FRESH, -1)], PEOPLE) == 0.0
    assert liking([vote(FRESH + n, -1) for n in range(5)], PEOPLE) < 0.0


def test_what_is_even_or_silent_comes_to_nothing() -> None:
    twin = {**PEOPLE, FRESH: PEOPLE[REGULAR]}
    assert liking([vote(REGULAR, 1), vote(FRESH, -1)], twin) == 0.0
    assert liking([], PEOPLE) == 0.0


@pytest.mark.parametrize(("consent", "assumed", "may"), [(True, False, True), (None, False, False), (None, True, True)])
def test_a_label_becomes_a_sample_with_what_is_known_of_it(consent: bool | None, assumed: bool, may: bool) -> None:
    authors = {**AUTHORS, REGULAR: Author(REGULAR, "allowed", consent, LONG_AGO, 40)}
    said = message(label(ADMIN, "reminder", topic="travel"), vote(REGULAR, -1), text="提醒我打电话")
    (sample,) = samples([said], authors, NOW, admins=[], assumed=assumed)
    assert (sample.intent, sample.topic, sample.language) == ("reminder", "travel", "zh")
    assert (sample.origin, sample.person, sample.trusted, sample.weight) == ("message:5", REGULAR, True, 1.0)
    assert sample.consented is may


def test_a_guess_at_what_somebody_else_meant_is_no_label() -> None:
    assert samples([message(label(ADMIN, "reminder", "clarification"))], AUTHORS, NOW, admins=[], assumed=True) == []
    (own,) = samples([message(label(REGULAR, "reminder", "clarification"))], AUTHORS, NOW, admins=[], assumed=True)
    assert (own.intent, own.trusted) == ("reminder", False)


def test_without_text_there_is_nothing_to_learn() -> None:
    assert samples([message(label(ADMIN, "reminder"), text="")], AUTHORS, NOW, admins=[], assumed=True) == []


def test_labels_can_be_had_without_what_people_thought_of_the_answer() -> None:
    said = message(label(ADMIN, "reminder"), vote(REGULAR, 1), vote(REGULAR, -1, "rephrased"))
    assert labels_alone(said).voices == said.voices[:1]
