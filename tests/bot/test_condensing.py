"""Summaries in a generator's words, part by part."""

from dataclasses import replace

import pytest

from bot.app import App
from bot.condensing import Order, condense
from nlp.condense import MOST_PARTS
from nlp.types import Document, Language
from tests.support.answers import Parrot

SENTENCE = "The harbour employs fishermen."


def long_document(characters: int) -> Document:
    paragraph = "The harbour of the town employs fishermen and sailors. Ships come and go. " * 20
    return Document("Harbour", "\n\n".join([paragraph] * (characters // len(paragraph))), "en", "text/plain")


def use(app: App, parrot: Parrot) -> Parrot:
    app.inference.models = replace(app.inference.models, generator=parrot)
    return parrot


@pytest.mark.parametrize(("language", "progress"), [("en", "2 of 4 parts"), ("zh", "第 2 部分，共 4 部分")])
async def test_a_long_text_is_written_part_by_part_with_its_progress(
    app: App, language: Language, progress: str
) -> None:
    shown: list[str] = []
    parrot = use(app, Parrot([SENTENCE]))
    found = await condense(app.inference, long_document(22_000), Order(3, language, shown.append))
    assert found == (SENTENCE,)
    assert len(parrot.asked) == 5
    assert {task.wish for task in parrot.asked} == {"summarize"}
    assert progress in shown


async def test_a_million_characters_take_a_bounded_number_of_calls_and_of_text(app: App) -> None:
    parrot = use(app, Parrot([f"{SENTENCE} " * 3]))
    assert await condense(app.inference, long_document(1_000_000), Order(3, "en"))
    assert len(parrot.asked) <= MOST_PARTS + 6
    assert max(len(task.question) for task in parrot.asked) <= 6000


async def test_a_part_that_the_generator_cannot_write_is_taken_from_the_text(app: App) -> None:
    class Moody(Parrot):
        def stream(self, task, budget):  # type: ignore[no-untyped-def]
            self.asked.append(task)
            if len(self.asked) == 2:
                raise RuntimeError("gone")
            yield SENTENCE

    parrot = use(app, Moody([]))
    assert await condense(app.inference, long_document(22_000), Order(3, "en")) == (SENTENCE,)
    assert "employs fishermen and sailors" in parrot.asked[-1].question


async def test_a_generator_that_says_nothing_makes_no_summary(app: App) -> None:
    use(app, Parrot([""]))
    assert await condense(app.inference, long_document(2_000), Order(3, "en")) == ()
