"""What every generator does, whichever it is."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import pytest

from nlp.errors import GeneratorError
from nlp.generator import Answerer
from nlp.generators import GeneratorConfig, open_generator
from nlp.generators.base import Budget, Generator, Task
from nlp.generators.claims import claims
from nlp.generators.probe import probe
from nlp.reader import Reader
from nlp.retriever import build
from nlp.types import LANGUAGES, Language, Passage, Verdict
from tests.support.chat_models import DAYS, THINGS, fact, question, task_of
from tests.support.models import BagEncoder


def task(language: Language, number: int = 0) -> Task:
    """A question whose answer is in the first of two sources."""
    one, two = THINGS[language][number], THINGS[language][number + 1]
    days = DAYS[language]
    return task_of(question(language, one), language, [fact(language, one, days[number]), fact(language, two, days[5])])


def write(generator: Generator, asked: Task, tokens: int = 64) -> str:
    return "".join(generator.stream(asked, Budget.start(tokens, 60)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_the_right_source_says_and_cites_it(generator: Generator, language: Language) -> None:
    asked = task(language)
    said = claims(write(generator, asked))
    assert (asked.sources[0].text, (1,)) in [(claim.text, claim.cited) for claim in said]


def test_it_says_the_same_again(generator: Generator) -> None:
    assert write(generator, task("en")) == write(generator, task("en"))


def test_several_threads_get_their_own_answers(generator: Generator) -> None:
    asked = [task(language, number) for language in LANGUAGES for number in range(4)]
    with ThreadPoolExecutor(len(asked)) as threads:
        said = list(threads.map(lambda it: write(generator, it), asked))
    assert [claims(text)[0].text for text in said] == [it.sources[0].text for it in asked]


def test_it_has_a_name_and_answers_a_probe(generator: Generator) -> None:
    assert generator.name.split(":")[0] in ("extractive", "transformers", "openai")
    assert probe(generator, Budget.start(64, 60)).seconds < 60


def test_no_time_is_an_error(generator: Generator) -> None:
    with pytest.raises(GeneratorError, match="too long"):
        list(generator.stream(task("en"), Budget(64, time.monotonic() - 1)))


def test_a_cancelled_budget_is_an_error(generator: Generator) -> None:
    budget = Budget.start(64, 60)
    budget.cancel.set()
    with pytest.raises(GeneratorError, match="cancelled"):
        list(generator.stream(task("en"), budget))


def test_it_can_be_cancelled_from_another_thread_in_the_middle(generator: Generator) -> None:
    budget = Budget.start(64, 60)
    pieces = generator.stream(task("en"), budget)
    assert next(pieces)
    threading.Thread(target=budget.cancel.set).start()
    assert budget.cancel.wait(5)
    with pytest.raises(GeneratorError, match="cancelled"):
        list(pieces)
    assert write(generator, task("zh"))


def test_who_leaves_early_leaves_it_ready_for_others(generator: Generator) -> None:
    for _ in range(3):
        pieces = generator.stream(task("en"), Budget.start(64, 60))
        assert list(islice(pieces, 1))
        del pieces
    assert claims(write(generator, task("zh")))[0].text == task("zh").sources[0].text


def test_it_streams_and_keeps_to_its_tokens(generator: Generator) -> None:
    pieces = list(generator.stream(task("en"), Budget.start(64, 60)))
    if generator.phrases:
        assert len(pieces) > 2
        assert len(write(generator, task("en"), 1)) < len("".join(pieces))


def test_it_may_be_closed_twice(generator: Generator) -> None:
    generator.close()
    generator.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_answer_stands_with_its_source(generator: Generator, language: Language) -> None:
    things = THINGS[language]
    passages = [
        Passage(number, fact(language, thing, DAYS[language][number]), "Handbook", language=language)
        for number, thing in enumerate(things[:3])
    ]
    encoder = BagEncoder()
    retriever = build(encoder, [(p.key, p.searchable) for p in passages])
    asked = question(language, things[1])
    found = [(passages[hit.key], hit) for hit in retriever.search(asked, 3)]
    answer = Answerer(encoder, Reader(encoder, retriever.lexical), generator).answer(asked, found)
    assert (answer.verdict, answer.generator) == (Verdict.ANSWERED, generator.name)
    assert passages[1].text in answer.text
    assert bool(answer.wording) is generator.phrases
    assert passages[1] in [item.passage for item in answer.evidence]


def test_an_unknown_kind_lists_the_known_ones() -> None:
    with pytest.raises(GeneratorError, match="'oracle' is not known: use extractive, transformers, openai"):
        open_generator(GeneratorConfig("oracle"))


def test_a_configuration_never_shows_its_key() -> None:
    assert "geheim" not in repr(GeneratorConfig("openai", "m", "http://x/v1", "geheim"))
