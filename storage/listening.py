"""Hearing what other processes ring through PostgreSQL, over a connection of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from storage.repositories.sql import CHANNEL


@asynccontextmanager
async def listening(engine: AsyncEngine, hear: Callable[[str], None]) -> AsyncIterator[asyncio.Event]:
    """Call `hear` with whatever is rung while the block runs; the event is set when the connection is gone."""
    gone = asyncio.Event()
    async with engine.connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection

        def heard(_connection: object, _process: int, _channel: str, news: object) -> None:
            hear(str(news))

        def ended(_connection: object) -> None:
            gone.set()

        await raw.add_listener(CHANNEL, heard)
        raw.add_termination_listener(ended)
        try:
            yield gone
        finally:
            raw.remove_termination_listener(ended)
            if not raw.is_closed():
                await raw.remove_listener(CHANNEL, heard)
