"""The jobs of the schedule: training by night and after so many labels, the watch over a new version, drift."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot import retrain_texts as texts
from bot.app import App
from bot.delivery import Delivery
from bot.errors import RunError
from bot.herald import Herald
from bot.parts import KINDS
from bot.schedule import Job
from bot.trends import drift_of
from nlp.learning.drift import Level, Shift
from nlp.router import KIND
from nlp.types import Language
from storage.records import NewRun, Rollout, RolloutStatus

_WATCH_EVERY = timedelta(minutes=1)
_COUNT_EVERY = timedelta(minutes=5)
_HOUR = timedelta(hours=1)
_MORNING = "09:00"  # where the bot runs
_DAY = timedelta(days=1)


def jobs(app: App, herald: Herald, delivery: Delivery) -> list[Job]:
    """All jobs of a bot, as its settings want them."""
    chores = Chores(app, herald, delivery)
    found = [
        Job("rollout.watch", chores.watch, every=_WATCH_EVERY),
        Job("drift", chores.look_for_drift, every=_DAY),
        Job("gaps", chores.tell_gaps, at=_MORNING),
        Job("retention", app.privacy.expire, every=_HOUR),
        Job("unlearning", app.unlearning.catch_up, every=_HOUR),
    ]
    if app.settings.retrain_at:
        found.append(Job("retrain.night", chores.retrain_by_night, at=app.settings.retrain_at))
    if app.settings.retrain_after:
        found.append(Job("retrain.labels", chores.retrain_after_labels, every=_COUNT_EVERY))
    return found


class Chores:
    """What each job does."""

    def __init__(self, app: App, herald: Herald, delivery: Delivery) -> None:
        self._app = app
        self._herald = herald
        self._delivery = delivery

    async def retrain_by_night(self) -> None:
        """Train all kinds that have anything new to learn from."""
        await self._retrain(KINDS, "night")

    async def retrain_after_labels(self) -> None:
        """Train the router once there are so many new labels."""
        if await self._app.retraining.news(KIND) >= self._app.settings.retrain_after:
            await self._retrain([KIND], "labels")

    async def _retrain(self, kinds: Sequence[str], reason: str) -> None:
        try:
            await self._app.retraining.request(kinds, NewRun(KIND, reason))
        except RunError:  # one goes on already, and learns the same
            return

    async def watch(self) -> None:
        """Look how a new version fares, and tell what has become of it."""
        row = await self._app.rollouts.watch()
        if row is not None:
            await self._tell(row)

    async def _tell(self, row: Rollout) -> None:
        if row.status is RolloutStatus.RETURNED:
            trouble = texts.TROUBLES[row.reason or "damaged"]
            await self._herald.tell(
                lambda language: texts.RETURNED.rich(
                    language, version=row.version, previous=row.previous, reason=trouble.plain(language)
                )
            )
        else:
            await self._herald.tell(lambda language: texts.PROVED.rich(language, version=row.version))

    async def tell_gaps(self) -> None:
        """Tell the admins, once a week, what was asked in vain."""
        await self._app.gaps.send_weekly(datetime.now(UTC), self._delivery.send_once)

    async def look_for_drift(self) -> None:
        """Tell the admins where what people write is no longer what it was."""
        drift = await drift_of(self._app.database)
        moved = [shift for shift in drift.shifts if shift.level is Level.ALARM]
        if moved:
            await self._herald.tell(lambda language: texts.DRIFT.rich(language, shifts=_named(moved, language)))


def _named(shifts: Sequence[Shift], language: Language) -> str:
    return ", ".join(
        f"{texts.SHIFTS[shift.name].plain(language)} (PSI {shift.psi:.2f}, {shift.most})" for shift in shifts
    )
