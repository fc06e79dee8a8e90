"""What opinions come to: who outranks whom, what is dropped, and why brigades do not win."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.learning.evidence import (
    SIGNAL_WEIGHTS,
    Opinion,
    Person,
    Rank,
    Signal,
    opinion,
    settle,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ADMIN, REVIEWER = Person(1, Rank.ADMIN), Person(2, Rank.REVIEWER)
OLD = [Person(n, days=90, active_days=40) for n in range(10, 20)]
NEW = [Person(n, days=0, active_days=1) for n in range(100, 1100)]
PEOPLE = {person.key: person for person in (ADMIN, REVIEWER, *OLD, *NEW)}


def _says(person: Person, label: str, signal: Signal = Signal.UP, minutes: int = 0, against: bool = False) -> Opinion:
    return Opinion(person.key, signal, label, NOON + timedelta(minutes=minutes), against)


@pytest.mark.parametrize(
    ("days", "active", "standing"),
    [(0, 0, 0.1), (0, 30, 0.1), (7, 7, 0.55), (14, 7, 1.0), (400, 0, 0.1), (400, 99, 1.0)],
)
def test_a_newcomer_counts_more_with_time_and_use(days: float, active: int, standing: float) -> None:
    assert Person(1, days=days, active_days=active).standing == pytest.approx(standing)


def test_every_signal_has_a_weight() -> None:
    assert set(SIGNAL_WEIGHTS) == set(Signal)
    assert all(0 < weight <= 1 for weight in SIGNAL_WEIGHTS.values())


def test_what_admins_say_is_never_outvoted() -> None:
    brigade = [_says(person, "spam") for person in (*NEW, *OLD)]
    verdict = settle(
        [_says(ADMIN, "question", Signal.ADMIN_LABEL), _says(REVIEWER, "spam", Signal.REVIEW), *brigade], PEOPLE
    )
    assert (verdict.label, verdict.trusted, verdict.people) == ("question", True, (1,))


def test_a_thousand_newcomers_do_not_outvote_one_established_person() -> None:
    verdict = settle([_says(OLD[0], "question"), *(_says(person, "spam") for person in NEW)], PEOPLE)
    assert verdict.label != "spam"
    assert verdict.outcome == "disputed"
    two = settle(
        [*(_says(person, "question") for person in OLD[:2]), *(_says(person, "spam") for person in NEW)], PEOPLE
    )
    assert (two.label, two.established) == ("question", 2)


def test_a_thousand_newcomers_do_not_silence_one_established_person() -> None:
    down = [_says(person, "question", Signal.DOWN, against=True) for person in NEW]
    assert settle([*(_says(person, "question") for person in OLD[:2]), *down], PEOPLE).label == "question"


@given(
    st.lists(
        st.tuples(st.sampled_from(NEW), st.sampled_from("ab"), st.sampled_from(list(Signal)), st.booleans()),
        max_size=30,
    ),
    st.sampled_from(list(Signal)),
)
def test_whatever_newcomers_say_an_established_label_is_not_replaced(
    brigade: list[tuple[Person, str, Signal, bool]], signal: Signal
) -> None:
    said = [_says(person, label, kind, against=against) for person, label, kind, against in brigade]
    assert settle([_says(OLD[0], "a", signal), *said], PEOPLE).label in ("a", None)


def test_a_tie_drops_the_row() -> None:
    assert settle([_says(OLD[0], "a"), _says(OLD[1], "b")], PEOPLE).outcome == "disputed"
    assert settle([_says(OLD[0], "a"), _says(OLD[1], "a", against=True)], PEOPLE).label is None
    admins = {1: ADMIN, 3: Person(3, Rank.ADMIN)}
    both = [_says(ADMIN, "a", Signal.ADMIN_LABEL), _says(admins[3], "b", Signal.ADMIN_LABEL)]
    assert settle(both, admins).outcome == "disputed"


def test_who_changes_their_mind_counts_once() -> None:
    said = [_says(OLD[0], "a"), _says(OLD[0], "b", minutes=5), _says(OLD[0], "a", Signal.THANKED, minutes=9)]
    assert settle(said, PEOPLE).label == "b"


def test_one_newcomer_is_too_little() -> None:
    assert settle([_says(NEW[0], "a")], PEOPLE).outcome == "weak"
    assert settle([_says(Person(5), "a")], {}).outcome == "weak"
    assert settle([], PEOPLE).outcome == "silent"


def test_only_spoken_against_is_no_label() -> None:
    assert settle([opinion(OLD[0].key, Signal.DOWN, "a", NOON)], PEOPLE).outcome == "rejected"


def test_a_reason_that_names_the_right_label_speaks_for_it() -> None:
    said = opinion(OLD[0].key, Signal.WRONG_BECAUSE, "question", NOON, named="request")
    assert (said.label, said.against) == ("request", False)
    assert settle([said], PEOPLE).label == "request"
    assert opinion(1, Signal.DENIED, "question", NOON).against
    assert not opinion(1, Signal.CLARIFIED, "question", NOON).against


@given(
    st.lists(
        st.tuples(
            st.sampled_from([ADMIN, *OLD[:3], *NEW[:5]]),
            st.sampled_from("ab"),
            st.sampled_from(list(Signal)),
            st.integers(0, 9),
            st.booleans(),
        ),
        max_size=12,
    ),
    st.randoms(),
)
def test_the_order_of_opinions_does_not_matter(
    said: list[tuple[Person, str, Signal, int, bool]], chance: object
) -> None:
    opinions = [_says(*one) for one in said]
    verdict = settle(opinions, PEOPLE)
    assert settle(opinions[::-1], PEOPLE) == verdict or len(
        {(o.person, o.said_at, o.signal, o.label) for o in opinions}
    ) < len(opinions)
    assert 0 <= verdict.weight <= 1
    assert (verdict.label is not None) == (verdict.outcome == "settled")
