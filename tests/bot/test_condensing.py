"""Summaries in a generator's words, part by part."""

from dataclasses import replace

import pytest

from bot.app import App
from bot.condensing import Order, condense
from nlp.condense import MOST_PARTS
from nlp.generators.claims import claims
from nlp.generators.numbers import numbers
from nlp.types import Document, Language
from tests.support.answers import Overheard, Parrot
from tests.support.apps import points_of, private
from tests.support.chat_models import DAYS, THINGS, fact

CITED = {1.0, 2.0, 3.0}  # the numbers of sources that the small model knows
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


def facts(language: Language, days: list[str], times: int = 1) -> str:
    """A text of sentences such as the small model was trained on, a paragraph for each thing."""
    joiner = " " if language == "en" else ""
    paragraphs = [joiner.join(fact(language, thing, day) for day in days) for thing in THINGS[language]]
    return "\n\n".join(paragraphs * times)


@pytest.mark.slow
@pytest.mark.parametrize(("language", "progress"), [("en", "2 of 3 parts"), ("zh", "第 2 部分，共 3 部分")])
async def test_a_real_model_summarises_a_long_text_part_by_part_true_to_its_figures(
    app: App, overheard: Overheard, language: Language, progress: str
) -> None:
    text, shown = facts(language, DAYS[language], times=5 if language == "en" else 9), list[str]()
    reply = await app.summaries.respond(replace(private(text), show=shown.append), language)
    points, said = points_of(reply), {claim.text for text in overheard.written for claim in claims(text)}
    assert progress in shown
    assert len(overheard.written) == 4
    assert points
    assert all(point in text or point in said for point in points)
    assert numbers("\n".join(points)) <= numbers(text)


@pytest.mark.slow
@pytest.mark.parametrize(("language", "days"), [("en", ["thirty", "ninety"]), ("zh", ["三十", "九十"])])
async def test_a_figure_that_a_real_model_makes_up_gives_way_to_a_sentence_of_the_text(
    app: App, overheard: Overheard, language: Language, days: list[str]
) -> None:
    text = facts(language, days)
    reply = await app.summaries.respond(private(text), language)
    assert numbers("\n".join(overheard.written)) - numbers(text) - CITED
    points = points_of(reply)
    assert points
    assert all(point in text for point in points)
