"""What every life of the bot needs, loaded once: the process that all lives are forked from imports this.

A fork server can be told to import and to nothing else, so here alone something is done by an import.
"""

import gc
import ssl
from functools import cache
from importlib import import_module

from sqlalchemy.orm import configure_mappers

from nlp.gloss import glossary
from nlp.text import fold, sentences
from storage import migrate

for name in (
    "aiosqlite",
    "alembic.autogenerate",
    "asyncpg",
    "bot.telegram_bot",
    "bot.web.server",
    "nlp.generator",
    "nlp.summarizer",
    "tests.support.models",
    "tests.support.telegram",
    "uvicorn.lifespan.off",
    "uvicorn.protocols.http.auto",
):
    import_module(name)
ssl.create_default_context = cache(ssl.create_default_context)  # type: ignore[assignment]  # each client reads all authorities, for 50 ms
configure_mappers()
migrate.newest()
glossary()
for text in ("Hello. Good morning.", "你好。大家早。"):
    sentences(fold(text))
gc.collect()
gc.freeze()  # what is collected never is not copied into each life either
