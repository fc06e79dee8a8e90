"""How many machines a number of people need, from what a message costs."""

import pytest

from benchmarks.capacity import Cost, Stored, need

COST, STORED = Cost(0.06, 10.0, 800.0, {}), Stored(8.0, 3000.0)


@pytest.mark.parametrize(
    ("people", "peak", "cores", "memory"),
    [(1_000, 0.23, 1, 0.8), (100_000, 23.1, 3, 2.4), (10_000_000, 2314.8, 232, 185.6)],
)
def test_the_busiest_hour_decides(people: int, peak: float, cores: int, memory: float) -> None:
    found = need(people, COST, STORED)
    assert found.messages_per_second == pytest.approx(peak, rel=0.02)
    assert found.cores == cores
    assert found.memory_gb == pytest.approx(memory)
    assert found.rows_a_day == people * 5 * 8
    assert found.gb_a_year == pytest.approx(people * 5 * 3000 * 365 / 1e9)
