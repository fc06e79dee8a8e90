"""What a process of the bot is at while it runs, by its role; alone on a database, or sharing it with others.

With PostgreSQL the receiver and the trainer are whoever holds the lease, and workers share the chats. With SQLite one
process does it all, and the lock on its home folder stands for every lease.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

from telegram import Bot
from telegram.request import BaseRequest

from bot.app import App
from bot.chores import jobs
from bot.delivery import Delivery
from bot.herald import Herald
from bot.inbox import Lanes
from bot.leading import TRAINER, Leader, Tasks
from bot.limiter import ChatLimiter
from bot.news import News, whenever
from bot.patience import Patience
from bot.reception import Receiving, Untold, open_receiver
from bot.roles import Role, Seat
from bot.run_messages import RunMessages
from bot.schedule import Schedule
from bot.sharing import Slots
from bot.web.front import Front
from storage.fencing import fence
from storage.repositories.documents import GREW
from storage.repositories.rollouts import MOVED
from storage.repositories.runs import ASKED, CANCELLED

_FOLLOW_EVERY = 5.0  # seconds between looks at which versions serve, where no news of them comes
_REFRESH_EVERY = 30.0  # and at the knowledge; a search looks by itself besides


class Duties:
    """Begins and ends what the seat of this process is for."""

    def __init__(
        self,
        app: App,
        bot: Bot,
        delivery: Delivery,
        lanes: Lanes,
        limiter: ChatLimiter,
        front: Front,
        request: BaseRequest,
        seat: Seat,
    ) -> None:
        """`bot` is initialized and fetches updates by `request`; `front` is told what there is to see."""
        self._app = app
        self._bot = bot
        self._delivery = delivery
        self._lanes = lanes
        self._seat = seat
        self._news = News(app.database)
        self._shared = not app.database.is_sqlite
        self._slots: Slots | None = None
        if self._shared:
            limiter.before_speaking = self._check_fence
            if seat.role.does(Role.WORKER):
                self._slots = Slots(app.database, lanes, bot.id, seat.holder, limiter.divide)
        takes = self._slots or (Untold() if self._shared else lanes)
        self.receiver, lease = open_receiver(bot, app.database, takes, app.settings, request)
        self._leaders = []
        if seat.role.does(Role.RECEIVER):
            self._leaders.append(Leader(app.database, lease, seat.holder, Receiving(self.receiver, front)))
        if seat.role.does(Role.TRAINER):
            self._leaders.append(Leader(app.database, TRAINER, seat.holder, self._training()))
        self._leading: list[asyncio.Task[None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._keeping: asyncio.Task[None] | None = None
        if seat.role.does(Role.WORKER):
            front.lanes = lanes

    def _training(self) -> Tasks:
        """What trains, tells of it, and does what comes again and again."""
        app = self._app
        herald = Herald(app.settings, app.database, self._bot)
        works = {
            "training runs": app.retraining.work,
            "messages of training runs": RunMessages(app, self._bot, herald).keep,
            "schedule": Schedule(app.database, jobs(app, herald, self._delivery)).run,
        }
        if self._shared:
            works["unsent"] = self._delivery.sweep
        return Tasks(works)

    async def begin(self) -> int:
        """Begin; returns how many updates waited.

        Raises:
            TelegramError: Telegram cannot be reached, or refuses.
        """
        async with self._app.database.read() as tx:
            waited = len(await tx.inbox.pending(self._bot.id))
        self._listen()
        if self._seat.role.does(Role.WORKER):
            await self._answer()
        for leader in self._leaders:
            await leader.begin()
            self._leading.append(asyncio.create_task(leader.run(), name="lease"))
        return waited if self._seat.role.does(Role.WORKER) else 0

    def _begin(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.append(asyncio.create_task(work, name=name))

    async def _answer(self) -> None:
        if self._slots is None:
            await self._lanes.load(self._bot.id)
            self._begin(self._delivery.finish(await self._delivery.unsent()), "unsent")
            self._begin(self._lanes.watch(self._bot.id), "inbox watch")
        else:
            self._slots.listen(self._news)
            await self._slots.open()
            self._begin(self._slots.take(), "slots")
            self._keeping = asyncio.create_task(self._slots.keep(), name="leases of slots")
        self._begin(self._lanes.run(), "lanes")
        self._begin(Patience(self._app.database, self._bot, self._lanes).keep(), "patience")

    def _listen(self) -> None:
        """Follow what other processes do."""
        moved, grew = asyncio.Event(), asyncio.Event()
        self._news.on(MOVED, lambda _: moved.set())
        self._news.on(GREW, lambda _: grew.set())
        self._news.on(ASKED, lambda _: self._app.retraining.look())
        self._news.on(CANCELLED, self._cancel)
        self._begin(self._news.run(), "news")
        self._begin(whenever(moved, _FOLLOW_EVERY, self._app.rollouts.follow), "versions")
        self._begin(whenever(grew, _REFRESH_EVERY, self._app.knowledge.index.follow), "knowledge")

    def _cancel(self, what: str) -> None:
        async def cancel() -> None:
            await self._app.retraining.cancel_here()

        if what:
            self._begin(cancel(), "cancel")

    async def _check_fence(self) -> None:
        """Say nothing for a chat that another process serves by now."""
        held = fence.get()
        if held is not None:
            async with self._app.database.read() as tx:
                await tx.leases.glance(held)

    async def end(self, within: float) -> None:
        """Finish what is at work, for at most so many seconds, and let other processes have the rest at once."""
        await _cancel(self._leading)
        for leader in self._leaders:
            await leader.end()
        await _cancel(self._tasks)
        if self._slots is not None:
            self._slots.close_door()
        await self._lanes.drain(within)
        if self._slots is not None and self._keeping is not None:
            await _cancel([self._keeping])
            await self._slots.close()


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
