"""What every life of the bot needs, loaded once: the process that all lives are forked from imports this.

A fork server can be told to import and to nothing else, so here alone something is done by an import.
"""

import ssl
from functools import cache

import aiosqlite  # noqa: F401
import alembic.autogenerate
import alembic.runtime.environment
import asyncpg
import uvicorn.lifespan.off
import uvicorn.protocols.http.auto
from sqlalchemy.orm import configure_mappers

import bot.telegram_bot
import bot.web.server
import nlp.generator
import nlp.summarizer
import tests.support.models
import tests.support.telegram  # noqa: F401
from nlp.gloss import glossary
from nlp.text import fold, sentences
from storage import migrate

ssl.create_default_context = cache(ssl.create_default_context)  # each client reads all authorities, for 50 ms
configure_mappers()
migrate.newest()
glossary()
for text in ("Hello. Good morning.", "你好。大家早。"):
    sentences(fold(text))
