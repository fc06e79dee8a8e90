"""Adding a class to a router, as the benchmark measures it."""

from pathlib import Path

import pytest

from benchmarks.adding import measure_adding, shown
from benchmarks.router import Plan, add_to_first
from benchmarks.router_sets import read_sets
from tests.benchmarks.test_contenders import embed
from tests.support.models import BagEncoder


def test_each_class_is_added_to_a_router_of_its_own(public_sets: Path) -> None:
    (clinc,) = read_sets(public_sets, ["clinc150"])

    first, second = measure_adding(clinc, BagEncoder(), 2)

    assert (first.label, second.label) == ("greeting", "summarize")
    for one in (first, second):
        assert one.examples == 8
        assert one.replayed == len(clinc.train) - 8
        assert one.seconds > 0
        assert one.new_after > 0.5
    assert "2 classes tried" in shown([first, second])


def test_it_is_tried_on_the_first_set_that_the_encoder_reads(
    public_sets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sets = read_sets(public_sets, ["thucnews_titles", "banking77"])

    found = add_to_first(Plan(sets, BagEncoder(), embed, repeats=1))

    assert [one.set for one in found] == ["Banking77"]
    assert "Adding a class to Banking77" in capsys.readouterr().out
    assert add_to_first(Plan(sets[:1], BagEncoder(), embed)) == []
