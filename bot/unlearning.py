"""Use case: what somebody had the bot forget is taken out of what models are made from, and they are made anew."""

import asyncio
from collections.abc import Sequence

from bot.judgements import unlearn_judgements
from bot.retraining import Retraining
from bot.settings import Settings
from bot.snapshots import unlearn
from nlp.learning.scrubbing import scrub
from nlp.training import feature_cache
from storage.records import Forgotten


class Unlearning:
    """Forgets in snapshots and in remembered features; has models trained from nothing that were taught."""

    def __init__(self, settings: Settings, retraining: Retraining) -> None:
        self._settings = settings
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
