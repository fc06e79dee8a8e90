"""Training runs over small models, in this process: the trainer as a thread instead of a process of its own."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from bot.launching import Launch, Tell, Told
from bot.plans import read_plan
from bot.settings import Settings
from bot.trainer import carry_out
from nlp.encoder import Encoder
from nlp.model_store import Manifest, ModelStore
from nlp.router import KIND
from nlp.training.router import DEFAULT, save_router
from storage.database import Database
from storage.records import AnswerKind, NewAnswer, NewMessage, NewRoute
from tests.support.models import EXAMPLES, BagEncoder, small_router
from tests.support.terminal import write_lines, write_seeds

# Texts that the small router has right, in both languages: enough for the gate to be sure of small losses.
HELD_OUT = [
    (text, example.intent, example.topic)
    for example in EXAMPLES
    for text in (example.text, f"{example.text}!", f"{example.text} ok", f"ah {example.text}")
]


def inline(encoder: Encoder) -> Launch:
    """A trainer in a thread of this process, with an encoder that is open already."""

    async def launch(folder: Path, tell: Tell) -> None:
        loop, plan = asyncio.get_running_loop(), read_plan(folder)
        assert plan is not None

        def tell_there(told: Told) -> None:
            loop.call_soon_threadsafe(tell, told)

        await asyncio.to_thread(carry_out, plan, folder, tell_there, encoder)

    return launch


def write_small_seeds(folder: Path) -> Path:
    """Seeds with held-out texts."""
    write_seeds(folder)
    rows = ({"text": text, "intent": intent, "topic": topic} for text, intent, topic in HELD_OUT)
    write_lines(folder / "en.test.jsonl", rows)
    return folder


def learning_settings(home: Path, admins: Sequence[int]) -> dict[str, Any]:
    """Settings of a bot that learns from small seeds when it is asked to, and has these admins."""
    return {"seeds": write_small_seeds(home / "seeds"), "consent": "assumed", "admins": admins, "retrain_after": 0}


def serve_small_router(settings: Settings) -> Manifest:
    """Store the small router and make it the one that serves."""
    store = ModelStore(settings.models_folder)
    manifest = save_router(small_router(), store, EXAMPLES, DEFAULT)
    store.promote(KIND, manifest.version)
    return manifest


ADMIN = 1001


async def teach(database: Database, labels: Iterable[tuple[str, str, str | None]]) -> list[int]:
    """Store messages, each of a person of its own, with the intent and topic that an admin says it has.

    Every third one is golden: it is not learned from, but judged on. Returns the messages' numbers.
    """
    messages = []
    async with database.write() as tx:
        await tx.people.see_user(ADMIN, "Ada", "en")
        for number, (text, intent, topic) in enumerate(labels):
            user = 5000 + number
            await tx.people.see_user(user, f"person {number}", "en")
            await tx.people.see_chat(user, "private", "")
            route = NewRoute("en", "greeting", 0.5, None, None, 0.9, True, {}, "v0")
            answer = NewAnswer(AnswerKind.SMALL_TALK, "en", "ok", ({"html": "ok"},))
            stored = await tx.answers.record(NewMessage(user, text, user), route, answer)
            golden = number % 3 == 2
            await tx.feedback.label(stored.message_id, ADMIN, "review", intent, topic, golden=golden)
            messages.append(stored.message_id)
    return messages


def bag() -> BagEncoder:
    """The encoder of the small router."""
    return BagEncoder()
