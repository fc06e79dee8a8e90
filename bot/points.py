"""Named points of a training run at which a test may end the process as a power cut would.

A run must leave the old version or the new one serving, whole, wherever it is cut short. The only proof is to cut it
short everywhere, in the program as it is; so the program names the places, and the variable DAWEN_TEST_KILL_AT
(`point:n`, `n` counting from 1) makes it kill itself when it comes there for the n-th time. Without it nothing happens.
"""

import os
import signal

from bot.errors import SettingsError

POINTS = (
    "run.begun",  # the database says that it is running
    "run.samples.read",
    "run.snapshot.written",
    "run.plan.written",
    "run.plan.recorded",
    "run.trainer.starting",
    "trainer.plan.read",
    "trainer.encoder.loaded",
    "trainer.step",  # again and again while it trains
    "trainer.trained",
    "trainer.candidate.saved",
    "trainer.models.loaded",
    "trainer.judged",
    "trainer.picture.drawn",
    "trainer.result.written",
    "run.trainer.ended",
    "run.result.read",
    "run.taught.recorded",
    "rollout.loaded",
    "rollout.pointer.moved",
    "rollout.recorded",
    "rollout.swapped",
    "run.finished",
    "rollback.pointer.moved",
    "rollback.recorded",
)


class _Trap:
    """The point at which this process ends, and how often it is still passed before."""

    point = ""
    left = 0


def arm(where: str) -> None:
    """End this process at `where`, as `point:n`; an empty text disarms.

    Raises:
        SettingsError: there is no such point, or `n` is no whole number from 1 on.
    """
    point, _, times = where.partition(":")
    if where and (point not in POINTS or not times.isdecimal() or int(times) < 1):
        raise SettingsError(f"DAWEN_TEST_KILL_AT is {where!r}: use POINT:N with a point of bot/points.py")
    _Trap.point, _Trap.left = point, int(times or 0)


def reached(point: str) -> None:
    """Pass a point, or end here."""
    if point != _Trap.point:
        return
    _Trap.left -= 1
    if _Trap.left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
