"""Use case: a new version goes into service, for some chats first where that is wished, and back when it fares worse.

Blue and green: a version is loaded beside the one that serves, and takes its place between two messages; the one before
it stays in memory, so that going back takes no loading. The file `current` of the model store says what serves; the
database remembers how it came to that. Both can be done again after a power cut at any place.
"""

import asyncio
import logging
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.inference import Inference
from bot.parts import HOT, ReadRouter, field, load_part, read_router, serving_version
from bot.points import reached
from bot.settings import Settings
from nlp.errors import ModelError
from nlp.learning.health import Fare, p95, trouble
from nlp.model_store import read_manifest
from nlp.router import KIND, Router
from nlp.shared_store import open_store
from storage.database import Database, Transaction
from storage.records import Rollout, RolloutStatus

_log = logging.getLogger(__name__)
WATCHED_FOR = timedelta(days=7)  # after which a version has proved itself
_CANARY_FOR = timedelta(days=3)  # at most, where few people write
_KEPT_LOADED = 3


class Rollouts:
    """Puts versions into service and takes them back. Without `inference` it does so for the next start."""

    def __init__(
        self, settings: Settings, database: Database, inference: Inference | None = None, read: ReadRouter = read_router
    ) -> None:
        self._settings = settings
        self._database = database
        self._inference = inference
        self._loaded: dict[str, Router] = {}  # routers by version, the newest last
        self._moving = asyncio.Lock()
        self._read = read
        self.store = open_store(settings.models_folder, settings.models)
        if inference is not None:
            self._keep(inference.models.router)

    async def offer(self, kind: str, version: str, previous: str | None) -> bool:
        """Put a version into service that was judged beside `previous`; false where another serves by now.

        Raises:
            ModelError: it cannot be loaded, or the pointer not be written; what served goes on.
        """
        async with self._moving:
            standing = self.store.current(kind)
            if standing not in (previous, version):
                return False
            share = self._settings.canary or 1.0
            if kind != KIND or standing is None:
                share = 1.0  # what is not swapped while it runs cannot be tried on some chats
            if share < 1 and self._inference is not None:
                await self._try_out(self._inference, version, previous, share)
            else:
                await self._serve(kind, version, previous)
            return True

    async def _try_out(self, inference: Inference, version: str, previous: str | None, share: float) -> None:
        router = await self._load(inference, version)
        reached("rollout.loaded")
        await asyncio.to_thread(self.store.share, KIND, version)
        async with self._database.write() as tx:
            await tx.rollouts.begin(KIND, version, previous, share)
        reached("rollout.recorded")
        inference.try_out(replace(inference.models, router=router), share)

    async def _serve(self, kind: str, version: str, previous: str | None) -> None:
        part = await self._part(kind, version)
        reached("rollout.loaded")
        await asyncio.to_thread(self.store.promote, kind, version)
        reached("rollout.pointer.moved")
        async with self._database.write() as tx:
            await self._record(tx, kind, version)
            await tx.rollouts.begin(kind, version, previous, 1.0)
        reached("rollout.recorded")
        self._swap(kind, part)
        reached("rollout.swapped")

    async def roll_back(self, kind: str, reason: str) -> str | None:
        """Let what served before serve again, a trial on some chats ending first; the version that serves now.

        None where nothing served before. `reason` is command, or what the watch has found.

        Raises:
            ModelError: the earlier version cannot be loaded, or the pointer not be written; what served goes on.
        """
        async with self._moving:
            async with self._database.read() as tx:
                under_way = await tx.rollouts.current(kind)
            if under_way and under_way.status is RolloutStatus.CANARY:
                await self._end_trial(kind, reason)
                return self.store.current(kind)
            target = await self.previous(kind)
            if target is None:
                return None
            part = await self._part(kind, target)
            await asyncio.to_thread(self.store.promote, kind, target)
            reached("rollback.pointer.moved")
            self._swap(kind, part)
            async with self._database.write() as tx:
                await self._record(tx, kind, target)
                await tx.rollouts.give_back(kind, reason)
            reached("rollback.recorded")
            return target

    async def _end_trial(self, kind: str, reason: str) -> None:
        if self._inference is not None:
            self._inference.end_trial()
        async with self._database.write() as tx:
            await tx.rollouts.give_back(kind, reason)

    async def previous(self, kind: str) -> str | None:
        """The version that `roll_back` would let serve, where none is on trial."""
        version = self.store.current(kind)
        if version is None:
            return None
        async with self._database.read() as tx:
            row = await tx.rollouts.of_version(kind, version)
        found = (row.previous if row else None) or read_manifest(self.store.folder(kind, version)).parent
        if found is not None:
            await asyncio.to_thread(self.store.fetch, kind, found)
        return found if found in self.store.versions(kind) else None

    async def is_serving(self, kind: str, version: str) -> bool:
        """True for the version that serves, and for one that is tried out."""
        async with self._database.read() as tx:
            row = await tx.rollouts.current(kind)
        return version in (self.store.current(kind), row.version if row else None)

    async def needed(self, kind: str) -> set[str]:
        """The versions that must not be removed: what serves, what came before it, what is tried out, and the base."""
        async with self._database.read() as tx:
            row = await tx.rollouts.current(kind)
        wanted = {self.store.current(kind), await self.previous(kind), row.version if row else None, self.base(kind)}
        return {version for version in wanted if version is not None}

    def base(self, kind: str) -> str | None:
        """The version that all others are measured against: the first that was made, which is never pruned."""
        return next(iter(self.store.versions(kind)), None)

    async def open(self) -> None:
        """Take up again what was under way when the program ended."""
        async with self._database.read() as tx:
            row = await tx.rollouts.current(KIND)
        if self._inference and row and row.status is RolloutStatus.CANARY and row.version != self.store.current(KIND):
            try:
                await self._try_out(self._inference, row.version, row.previous, row.share)
            except ModelError as error:
                _log.warning("%s; it is no longer tried out", error)
                await self._end_trial(KIND, "damaged")

    async def follow(self) -> None:
        """Serve, or try out, what another process has put into service meanwhile, such as `dawen models promote`.

        Raises:
            ModelError: it cannot be loaded; what served goes on.
        """
        if self._inference is None:
            return
        async with self._moving:
            await asyncio.to_thread(self.store.follow, HOT)
            for kind in sorted(HOT):
                version = self.store.current(kind)
                if version is not None and version != serving_version(self._inference.models, kind):
                    self._swap(kind, await self._part(kind, version))
            await self._follow_trial(self._inference)

    async def _follow_trial(self, inference: Inference) -> None:
        async with self._database.read() as tx:
            row = await tx.rollouts.current(KIND)
        on_trial = row and row.status is RolloutStatus.CANARY and row.version != self.store.current(KIND)
        wanted = (row.version, row.share) if row and on_trial else None
        if wanted == inference.on_trial:
            return
        inference.end_trial()
        if wanted is not None:
            router = await self._load(inference, wanted[0])
            inference.try_out(replace(inference.models, router=router), wanted[1])

    async def watch(self) -> Rollout | None:
        """Look how the newest version fares: one that fares worse goes back, one on trial that fares well serves all.

        Returns:
            What has become of it, where that has changed.
        """
        await self.follow()
        async with self._database.read() as tx:
            row = await tx.rollouts.current(KIND)
        if row is None or row.previous is None or datetime.now(UTC) - row.started_at > WATCHED_FOR:
            return None
        await self._warm(row.previous)
        new, old = await self._fares(row)
        reason = await asyncio.to_thread(trouble, new, old)
        if reason is not None:
            await self.roll_back(KIND, reason)
        elif row.status is RolloutStatus.CANARY and self._proved(row, new):
            async with self._moving:
                await self._serve(KIND, row.version, row.previous)
        else:
            return None
        async with self._database.read() as tx:
            return await tx.rollouts.latest(KIND)

    def _proved(self, row: Rollout, new: Fare) -> bool:
        return new.messages >= self._settings.canary_messages or datetime.now(UTC) - row.started_at > _CANARY_FOR

    async def _fares(self, row: Rollout) -> tuple[Fare, Fare]:
        """How a version and the one before it fare: at the same time while it is on trial, else one after the other."""
        beside = row.started_at if row.status is RolloutStatus.CANARY else None
        span = datetime.now(UTC) - row.started_at
        async with self._database.read() as tx:
            new = await _fare(tx, row.version, row.started_at)
            old = await _fare(tx, row.previous or "", beside)
            failed, handled = await tx.health.failures(row.started_at)
            failed_before, handled_before = await tx.health.failures(row.started_at - span, row.started_at)
        return (
            replace(new, failed=failed, handled=handled),
            replace(old, failed=failed_before, handled=handled_before),
        )

    async def _warm(self, version: str) -> None:
        """Have the version to go back to in memory."""
        try:
            if self._inference is not None:
                await self._load(self._inference, version)
        except ModelError as error:
            _log.warning("there is no way back to router %s: %s", version, error)

    async def _part(self, kind: str, version: str) -> Any:
        """A version of a kind that is swapped while the bot runs; None of others, and where no bot runs."""
        if self._inference is None or kind not in HOT:
            return None
        if kind == KIND:
            return await self._load(self._inference, version)
        folder = self.store.folder(kind, version)
        return await asyncio.to_thread(load_part, kind, folder, self._inference.models.encoder)

    async def _load(self, inference: Inference, version: str) -> Router:
        """A version, from memory where it is there."""
        if version not in self._loaded:
            await asyncio.to_thread(self.store.fetch, KIND, version)
            folder = self.store.folder(KIND, version)
            self._keep(await asyncio.to_thread(self._read, folder, inference.models.encoder))
        return self._loaded[version]

    def _keep(self, router: Router) -> None:
        self._loaded[router.version] = router
        for version in list(self._loaded)[:-_KEPT_LOADED]:
            del self._loaded[version]

    def _swap(self, kind: str, part: Any) -> None:
        if self._inference is None or part is None:
            return
        if kind == KIND:
            self._inference.swap(replace(self._inference.models, router=part))
        else:
            self._inference.exchange(**{field(kind): part})

    async def _record(self, tx: Transaction, kind: str, version: str) -> None:
        manifest = read_manifest(self.store.folder(kind, version))
        await tx.models.record_version(kind, version, asdict(manifest))
        await tx.models.mark_promoted(kind, version)


async def _fare(tx: Transaction, version: str, since: datetime | None) -> Fare:
    health = await tx.health.of(version, since)
    votes = health.votes_up + health.votes_down
    return Fare(health.messages, votes, health.votes_down, health.out_of_scope, p95(health.route_ms))
