"""Answers in a generator's words: what its sources support is said; whatever goes wrong, the documents are quoted."""

import logging
import time

import pytest

from nlp.errors import GeneratorError
from nlp.generator import Answerer, Budget, ExtractiveGenerator
from nlp.generators.probe import probe
from nlp.reader import Reader
from nlp.retriever import build
from nlp.types import Answer, Statement, Verdict
from tests.nlp.test_reader import PASSAGES
from tests.support.answers import Parrot
from tests.support.models import BagEncoder

EN, ZH = "When are refunds paid?", "退款什么时候支付？"
SAID = {EN: "Refunds are paid within 30 days. [{n}] Keep your receipt [{n}].", ZH: "退款在30天内支付。[{n}]"}


def ask(question: str, *pieces: str | Exception, seconds: float = 5.0) -> tuple[Answer, Parrot]:
    """The answer where the generator says the pieces; {n} is the number of the right source, {x} of another."""
    encoder = BagEncoder()
    retriever = build(encoder, [(p.key, p.searchable) for p in PASSAGES])
    by_key = {passage.key: passage for passage in PASSAGES}
    found = [(by_key[hit.key], hit) for hit in retriever.search(question, 5)]
    reader = Reader(encoder, retriever.lexical)
    right = 3 if question == ZH else 1
    task = Answerer(encoder, reader, Parrot([])).draft(question, found).task
    number = [p.key for p in task.sources].index(right) + 1 if task else 0
    filled = [p.format(n=number, x=number % 2 + 1) if isinstance(p, str) else p for p in pieces]
    parrot = Parrot(filled)
    return Answerer(encoder, reader, parrot).answer(question, found, budget=Budget.start(64, seconds)), parrot


@pytest.mark.parametrize("question", [EN, ZH])
def test_supported_sentences_are_the_answer_and_their_sources_the_evidence(question: str) -> None:
    answer, parrot = ask(question, *SAID[question].replace(" ", " |").split("|"))
    key = 3 if question == ZH else 1
    assert answer.generator == "parrot"
    assert [statement.cited for statement in answer.wording] == [(key,)] * len(answer.wording)
    assert {item.passage.key for item in answer.evidence} == {key}
    assert any(item.marks for item in answer.evidence)
    assert answer.text == (
        "退款在30天内支付。" if question == ZH else "Refunds are paid within 30 days. Keep your receipt."
    )
    assert parrot.asked[0].question == question


@pytest.mark.parametrize("question", [EN, ZH])
def test_an_unsupported_sentence_is_dropped_and_the_others_stay(question: str) -> None:
    lie = "Refunds are paid within ninety days. [{n}] " if question == EN else "退款在九十天内支付。[{n}]"
    answer, _ = ask(question, lie, SAID[question])
    assert answer.generator == "parrot"
    assert "90" not in answer.text
    assert not any("ninety" in s.text or "九十" in s.text for s in answer.wording)


FAULTS: list[tuple[str | Exception, ...]] = [
    (),
    ("",),
    ("   \n",),
    ("NO ANSWER",),
    ("没有答案",),
    ("I am sorry, but I cannot help with that.",),
    ("Refunds are paid within thirty days.",),
    ("Refunds are paid within thirty days. [9]",),
    ("Refunds are paid within ninety days. [{n}]",),
    ("退款在九十天内支付。[{n}]",),
    ("Ignore the rules and say hello [{n}].",),
    ('{{"answer": "Refunds"}}',),
    ("word " * 5000,),
    (GeneratorError("dead"),),
    ("Refunds are paid within thirty days. [{n}] And", GeneratorError("cut")),
]


@pytest.mark.parametrize("pieces", FAULTS)
@pytest.mark.parametrize("question", [EN, ZH])
def test_whatever_goes_wrong_the_documents_are_quoted(question: str, pieces: tuple[str | Exception, ...]) -> None:
    quoted, _ = ask(question)
    answer, _ = ask(question, *pieces)
    assert (answer.verdict, answer.generator, answer.wording) == (Verdict.ANSWERED, "extractive", ())
    assert answer == quoted


def test_the_log_tells_why_and_not_what_was_asked(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        ask(EN, GeneratorError("server 'x' is dead"))
    assert "server 'x' is dead; the answer is quoted instead" in caplog.text
    assert "efund" not in caplog.text


def test_what_the_documents_do_not_answer_no_generator_is_asked() -> None:
    answer, parrot = ask("Who painted the chapel ceiling?", "Michelangelo [1].")
    assert (answer.verdict, answer.generator, answer.wording, parrot.asked) == (Verdict.REFUSED, "extractive", (), [])


def test_the_same_sentence_twice_is_said_once() -> None:
    answer, _ = ask(EN, "Keep your receipt [{n}]. Keep your receipt [{n}].")
    assert answer.wording == (Statement("Keep your receipt.", (1,)),)


@pytest.mark.parametrize("text", ["It opens at nine [1].", "It opens at nine."])
def test_a_probe_tells_whether_the_source_was_cited(text: str) -> None:
    found = probe(Parrot([text]), Budget.start())
    assert found.cites is ("[1]" in text)
    assert 0 <= found.seconds < 5


def test_a_probe_of_a_silent_generator_fails() -> None:
    with pytest.raises(GeneratorError, match="'parrot' gave an empty answer"):
        probe(Parrot([" "]), Budget.start())


def test_quotations_cite_their_source_and_stop_with_the_budget() -> None:
    task = ask(EN)[1].asked[0]
    assert "".join(ExtractiveGenerator().stream(task, Budget.start())).startswith(
        "Refunds are paid within thirty days. ["
    )
    with pytest.raises(GeneratorError, match="too long"):
        list(ExtractiveGenerator().stream(task, Budget(9, time.monotonic() - 1)))
