"""What the first messages would wait for is loaded beside the running bot, so that nobody waits for it.

That is the dictionary for the first Chinese text, and for the first summary the child that reads pages, its parsers and
the summariser's library: a second or two each. The bot is ready meanwhile; who comes sooner waits as long as ever.

What is loaded by then stays, so the garbage collector need not look through it again and again: that held everything up
for a quarter of a second each time.
"""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial

from bot.app import App
from nlp.gloss import glossary

_log = logging.getLogger(__name__)


@asynccontextmanager
async def warming(app: App) -> AsyncIterator[None]:
    """Load in the background; what has not begun when the block ends is left undone."""
    works: dict[str, Callable[[], Awaitable[object]]] = {
        "Chinese words": partial(asyncio.to_thread, glossary),
        "summaries": app.summaries.rehearse,
    }
    loads = [asyncio.create_task(_load(what, work), name=f"warming {what}") for what, work in works.items()]
    tasks = [*loads, asyncio.create_task(_settle(loads), name="warming end")]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        gc.unfreeze()


async def _settle(loads: Iterable[asyncio.Task[None]]) -> None:
    """Take what is there once all is loaded out of the collector's sight."""
    await asyncio.wait(loads)
    gc.collect()
    gc.freeze()


async def _load(what: str, work: Callable[[], Awaitable[object]]) -> None:
    try:
        await work()
    except Exception as error:  # whoever needs it is told what is wrong with it, in its own words
        _log.warning("the first %s will take seconds longer: loading failed (%s)", what, type(error).__name__)
