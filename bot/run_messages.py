"""The messages that show how far training runs are: edited in place, at the end with verdict, picture and button."""

import asyncio
import logging
from contextlib import suppress

from telegram import Bot, InlineKeyboardMarkup
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.app import App
from bot.delivery import keyboard
from bot.herald import Herald
from bot.limiter import seconds
from bot.parts import HOT
from bot.retrain_replies import end_buttons, end_text, is_idle, progress_text
from bot.richtext import RichText, split, to_html
from nlp.types import Language
from storage.records import Rollout, Run, RunStatus
from storage.repositories.runs import TOLD

_log = logging.getLogger(__name__)
_EDIT_EVERY = 2.0  # seconds; Telegram bears about one edit of a message a second
_TRY_AGAIN = 30.0


class RunMessages:
    """Keeps the messages of runs up to date."""

    def __init__(self, app: App, bot: Bot, herald: Herald, edit_every: float = _EDIT_EVERY) -> None:
        self._app = app
        self._bot = bot
        self._herald = herald
        self._edit_every = edit_every
        self._shown: tuple[int, str] = (0, "")

    async def keep(self) -> None:
        """Edit whenever a run has moved on; until cancelled."""
        changed = self._app.retraining.changed
        while True:
            changed.clear()
            wait: float | None = None
            try:
                await self._tell_ends()
                await self._show_progress()
                if self._app.retraining.progress is not None:
                    await asyncio.sleep(self._edit_every)
            except RetryAfter as error:
                await asyncio.sleep(seconds(error))
                wait = 0.0
            except TelegramError as error:
                _log.warning("the message of a training run was not edited (%s)", type(error).__name__)
                wait = _TRY_AGAIN
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await changed.wait()

    async def _show_progress(self) -> None:
        async with self._app.database.read() as tx:
            run = await tx.runs.running()
        if run is None or run.telegram_id is None:
            return
        text = to_html(progress_text(run, self._app.retraining.progress, _language(run)))
        if self._shown != (run.id, text):
            await self._edit(run, text, None)
            self._shown = (run.id, text)

    async def _tell_ends(self) -> None:
        async with self._app.database.read() as tx:
            runs = await tx.runs.untold()
            rollouts = {run.id: await tx.rollouts.of_version(run.kind, run.version or "") for run in runs}
        for run in runs:
            await self._tell_end(run, rollouts[run.id])
            async with self._app.database.write() as tx:
                await tx.runs.advance(run.id, TOLD)

    async def _tell_end(self, run: Run, rollout: Rollout | None) -> None:
        if run.telegram_id is None and is_idle(run):
            return  # nobody asked, and nothing has changed
        path = self._app.retraining.picture(run)
        picture = path.read_bytes() if run.status is RunStatus.DONE and path.is_file() else b""

        def text(language: Language) -> RichText:
            return end_text(run, rollout, language, hot=run.kind in HOT)

        if run.telegram_id is None or run.chat_id is None:
            await self._herald.tell(text, lambda language: end_buttons(run, language), picture)
            return
        language = _language(run)
        rows = [[[button.label, button.data] for button in row] for row in end_buttons(run, language)]
        await self._edit(run, to_html(split(text(language))[0]), keyboard(rows))
        if picture:
            with suppress(BadRequest, Forbidden):
                await self._bot.send_photo(run.chat_id, picture)

    async def _edit(self, run: Run, html: str, markup: InlineKeyboardMarkup | None) -> None:
        """Edit the message of a run; one that is the same already, or that somebody has deleted, is no fault."""
        with suppress(BadRequest, Forbidden):
            await self._bot.edit_message_text(
                html, run.chat_id, run.telegram_id, parse_mode=ParseMode.HTML, reply_markup=markup
            )


def _language(run: Run) -> Language:
    return "zh" if run.language == "zh" else "en"
