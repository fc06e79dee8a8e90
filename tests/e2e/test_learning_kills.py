"""kill -9 at every named point of a training run: the old version or the new one serves, whole."""

import pytest

from bot.points import POINTS
from tests.campaigns.learning_kills import campaign


@pytest.mark.slow
def test_every_point_may_be_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(POINTS) >= 20
    assert campaign(len(POINTS)) == []
