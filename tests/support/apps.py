"""The whole application over small models: every use case, no weights, no network."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.app import App, assemble
from bot.dialogue import Incoming, Person, Place, Reply
from bot.inference import Models
from bot.progress import Silence
from bot.settings import Settings
from nlp.generator import ExtractiveGenerator
from nlp.router import Router
from nlp.summarizer import Summarizer
from storage.database import Database
from tests.support.models import BagEncoder, small_router
from tests.support.training import inline

ADA = Person(1001, "Ada", "en")
BO = Person(1002, "小博", "zh-hans")

HANDBOOK_EN = """# Handbook

## Refunds

Refunds are paid within thirty days of the purchase. Keep your receipt.

## Office hours

The office opens at nine and closes at six.
"""
HANDBOOK_ZH = """# 员工手册

## 退款

退款会在购买后三十天内支付。请保留收据。

## 办公时间

办公室九点开门，六点关门。
"""

_router: dict[str, Router] = {}


def small_models() -> Models:
    """Models that tests can wait for; the router is trained once per process."""
    encoder = BagEncoder()
    if "router" not in _router:
        _router["router"] = small_router(encoder)
    return Models(encoder, _router["router"], ExtractiveGenerator(), Summarizer())


@asynccontextmanager
async def small_app(database: Database, home: Path, **settings: Any) -> AsyncIterator[App]:
    """The application over an open database."""
    chosen = Settings(home=home, manual=False, **settings)
    async with assemble(chosen, database, small_models(), Silence(), inline(BagEncoder())) as app:
        yield app


async def add_text(app: App, folder: Path, name: str, text: str, **source: Any) -> None:
    """Put a text into the knowledge."""
    from bot.knowledge import Source

    path = folder / name
    path.write_text(text, encoding="utf-8")
    await app.knowledge.add(Source(path, f"file:///{name}", **source))


def private(text: str, person: Person = ADA, number: int | None = None, quoted: str = "") -> Incoming:
    """A message in a private chat."""
    return Incoming(person, Place(person.id, "private"), text, telegram_id=number, update_id=number, quoted=quoted)


def points_of(reply: Reply) -> list[str]:
    """The points of a summary, as they are shown."""
    return [line[2:] for line in reply.plain.split("\n\n") if line.startswith("• ")]
