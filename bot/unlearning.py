"""Use case: what somebody had the bot forget is taken out of what models are made from, and they are made anew."""

import asyncio
from collections.abc import Sequence

from bot.judgements import judged_messages_in, unlearn_judgements
from bot.retraining import Retraining
from bot.settings import Settings
from bot.snapshots import messages_in, unlearn
from nlp.learning.scrubbing import scrub
from nlp.training import feature_cache
from storage.database import Database
from storage.records import Forgotten


class Unlearning:
    """Forgets in snapshots and in remembered features; has models trained from nothing that were taught."""

    def __init__(self, settings: Settings, database: Database, retraining: Retraining) -> None:
        self._settings = settings
        self._database = database
        self._retraining = retraining

    async def __call__(self, forgotten: Forgotten, texts: Sequence[str]) -> None:
        """Take out some messages, with their texts.

        Raises:
            DataError: a snapshot cannot be written.
        """
        await asyncio.to_thread(unlearn, self._settings.snapshots_folder, forgotten.messages)
        await asyncio.to_thread(unlearn_judgements, self._settings.runs_folder, forgotten.messages, forgotten.documents)
        learned = {*texts, *(scrub(text).text for text in texts)}
        await asyncio.to_thread(feature_cache.forget, self._settings.features_folder, sorted(learned))
        if forgotten.versions:
            await self._retraining.forget(forgotten.versions)

    async def catch_up(self) -> int:
        """Take out what the database no longer has: forgotten by another machine, or just before the power went.

        Returns:
            How many messages were taken out.
        """
        known = await asyncio.to_thread(_known, self._settings)
        numbers = {number for number, _ in known}
        async with self._database.read() as tx:
            gone = numbers - await tx.samples.present(numbers)
        if gone:
            await self(Forgotten(tuple(sorted(gone)), (), ()), [text for number, text in known if number in gone])
        return len(gone)


def _known(settings: Settings) -> set[tuple[int, str]]:
    """The messages that snapshots and unfinished runs here know: numbers and texts."""
    return messages_in(settings.snapshots_folder) | judged_messages_in(settings.runs_folder)
