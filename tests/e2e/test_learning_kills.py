"""kill -9 in the middle of a training run: the old version or the new one serves, whole.

Here at one point of each kind; `python -m tests.campaigns.learning_kills` does it at all of them, again and again.
"""

import pytest

from bot.points import TRAINING_POINTS
from tests.campaigns.learning_kills import campaign

KILLED = (
    "run.plan.written",
    "trainer.step",
    "trainer.candidate.saved",
    "rollout.pointer.moved",
    "rollback.pointer.moved",
)


@pytest.mark.slow
def test_a_run_that_is_cut_short_is_taken_up_from_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert set(KILLED) < set(TRAINING_POINTS)
    assert campaign(len(KILLED), KILLED) == []
