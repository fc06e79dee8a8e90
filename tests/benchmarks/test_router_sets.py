"""The public sets as the benchmark reads them."""

import shutil
from pathlib import Path

import pytest

from benchmarks.router_sets import SETS, USUAL, has_sets, read_sets, traditional
from nlp.training.data import Example
from tests.benchmarks.conftest import write_examples
from tests.support.models import EXAMPLES


def test_every_set_is_read_with_its_tests(public_sets: Path) -> None:
    found = {routing_set.name: routing_set for routing_set in read_sets(public_sets, list(SETS))}

    assert list(found["MASSIVE, both"].tests) == ["en-US", "zh-CN", "zh-CN in traditional characters"]
    assert len(found["MASSIVE, both"].train) == 2 * len(found["MASSIVE, Chinese"].train)
    assert found["CLINC150"].strange == ["the cat sat on a mat", "zebras graze at dusk"]
    assert [name for name, one in found.items() if not one.encoder] == ["THUCNews titles"]
    assert [name for name, one in found.items() if one.long] == ["IMDB"]


def test_the_long_reviews_are_not_among_the_usual_sets() -> None:
    assert set(SETS) - set(USUAL) == {"imdb"}


def test_a_missing_set_is_left_out(public_sets: Path) -> None:
    shutil.rmtree(public_sets / "banking77")

    names = {routing_set.name for routing_set in read_sets(public_sets, USUAL)}

    assert "CLINC150" in names
    assert not any("Banking" in name for name in names)


def test_an_unknown_set_is_refused_with_the_known_ones(public_sets: Path) -> None:
    with pytest.raises(SystemExit, match="'clinc' is not known: use clinc150, banking77"):
        read_sets(public_sets, ["clinc"])


def test_a_folder_without_sets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="holds none of clinc150"):
        read_sets(tmp_path, ["clinc150"])
    assert not has_sets(tmp_path)


def test_a_first_look_takes_the_same_few_rows_each_time(public_sets: Path) -> None:
    many = [Example(f"text {number}", EXAMPLES[number % 20].intent) for number in range(4000)]
    write_examples(public_sets / "banking77/train.jsonl", many)

    first, second = (read_sets(public_sets, ["banking77"], quick=True)[0] for _ in range(2))

    assert len(first.train) == 1500
    assert first.train == second.train


def test_traditional_rows_keep_their_labels() -> None:
    assert traditional([Example("请把灯关掉", "light", "home")]) == [Example("請把燈關掉", "light", "home")]
