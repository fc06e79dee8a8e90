"""Named points at which a test may end the process as a power cut would.

A training run must leave the old version or the new one serving, whole, wherever it is cut short; a message must be
answered once, in its turn. The only proof is to cut both short everywhere, in the program as it is; so the program
names the places, and the variable DAWEN_TEST_KILL_AT (`point:n`, `n` counting from 1) makes it kill itself when it
comes there for the n-th time. Without it nothing happens.
"""

import os
import signal

from bot.errors import SettingsError

TRAINING_POINTS = (
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
POLLING_POINT, WEBHOOK_POINT = "updates.fetched", "webhook.kept"  # of a message's way, by how updates come
WINDOW = "part.sent"  # Telegram has taken it, and that is not written down: the one place where it may be said twice
MESSAGE_POINTS = (
    "update.received",
    "update.committed",  # Telegram has not been told yet
    "update.offered",
    "lane.taken",
    "update.begun",  # its attempt is counted
    "message.admitted",
    "message.routed",
    "answer.retrieved",
    "answer.written",
    "answer.recorded",
    "part.sending",
    WINDOW,
    "part.marked",
    "answer.marked",
    "update.handled",
    "update.finished",
)
POINTS = (*TRAINING_POINTS, POLLING_POINT, WEBHOOK_POINT, *MESSAGE_POINTS)


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
