"""A short campaign: some kills of each of the four bots, every fault once, every damage once.

They go on side by side, as most of their time is waiting; `make campaign` does thousands of each.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import product

import pytest

from bot.points import WINDOW
from bot.simulator.model import Message
from tests.campaigns import damage, faults, kills
from tests.campaigns.__main__ import scene
from tests.campaigns.report import Report, totals
from tests.campaigns.stage import KINDS, WAYS, Kind, Way, item_of, question
from tests.campaigns.town import Ledger

BOTS = list(product(KINDS, WAYS))
POINTS = ("update.committed", WINDOW, kills.AT_RANDOM)


@pytest.fixture(scope="module")
def running() -> Iterator[dict[object, "Future[Report]"]]:
    """Everything at once, each part by its name."""
    with scene() as stage, ThreadPoolExecutor(8) as pool:
        plays: dict[object, Callable[[], Report]] = {
            "sending": lambda: faults.sending(stage, len(faults.KINDS) + 1),
            "polling": lambda: faults.polling(stage, len(faults.KINDS) + 1),
            "posting": lambda: faults.posting(stage, len(faults.POSTED)),
            "sqlite": lambda: damage.campaign(stage, "sqlite", 1, 1.0),
            "postgresql": lambda: damage.campaign(stage, "postgresql", 1, 1.0),
        }
        for kind, way in BOTS:
            plays[kind, way] = partial(kills.campaign, stage, kind, way, len(POINTS), POINTS)
        yield {name: pool.submit(play) for name, play in plays.items()}


def nothing_wrong(report: Report) -> bool:
    assert report.wrong == []
    assert (report.lost, report.out_of_order, report.duplicates, report.early) == (0, 0, 0, 0)
    return report.asked > 0


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "way"), BOTS)
def test_kills_lose_repeat_and_disorder_nothing(running: dict[object, "Future[Report]"], kind: Kind, way: Way) -> None:
    report = running[kind, way].result()
    assert nothing_wrong(report)
    assert report.done == Counter(POINTS)
    assert report.in_window[WINDOW] >= 1


@pytest.mark.slow
@pytest.mark.parametrize("place", ["sending", "polling", "posting"])
def test_a_network_that_fails_is_outlasted(running: dict[object, "Future[Report]"], place: str) -> None:
    report = running[place].result()
    assert nothing_wrong(report)
    wanted = faults.POSTED if place == "posting" else (*faults.KINDS, faults.REPLY_LOST)
    assert {kind.partition(": ")[2] for kind in report.done} == set(wanted)
    assert sum(report.in_window.values()) == (place == "sending")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_machine_is_outlasted(running: dict[object, "Future[Report]"], kind: Kind) -> None:
    report = running[kind].result()
    assert nothing_wrong(report)
    assert set(report.done) == {f"{kind}: {name}" for name in damage.DAMAGES[kind]}


def answer(number: int, item: int) -> Message:
    return Message(chat_id=1, message_id=number, sender_id=1, date=0, text=f"The price of item a{item} is 1 dollar.")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_question_names_its_item(language: str) -> None:
    assert item_of(question(217, language)) == ("a17" if language == "en" else "b17")


def test_people_see_what_is_missing_repeated_disordered_and_strange() -> None:
    ledger = Ledger(asked=5)
    for number, item in enumerate((0, 0, 2, 1, 2, 77)):
        ledger.note(answer(number, item))
    assert sorted(ledger.answered) == [0, 1, 2]
    assert [message.message_id for message in ledger.repeated] == [0, 2]
    assert ledger.out_of_order == 1
    assert len(ledger.strange) == 1


def test_items_come_again_after_many_questions() -> None:
    ledger = Ledger(asked=450)
    for number in range(450):
        ledger.note(answer(number, number % 200))
    assert (len(ledger.answered), ledger.repeated, ledger.out_of_order) == (450, [], 0)


def test_totals_end_with_what_everybody_asks_for() -> None:
    reports = [Report(lost=1, kills=2), Report(lost=2, out_of_order=1, duplicates=4, kills=3)]
    assert list(totals(reports).items()) == [("lost", 3), ("out_of_order", 1), ("duplicates", 4), ("kills", 5)]
    assert reports[0].failed
    assert not Report(kills=5).failed
