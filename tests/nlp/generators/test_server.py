"""A server that is dead, slow, broken or lying costs the wording and nothing else, and no more time than was given."""

import logging
import socket
import threading
import time
from collections.abc import Callable

import pytest

from nlp.errors import GeneratorError
from nlp.generator import Answerer
from nlp.generators import GeneratorConfig, open_generator
from nlp.generators.base import Budget
from nlp.reader import Reader
from nlp.retriever import build
from nlp.types import LANGUAGES, Language, Passage, Verdict
from tests.support.chat_models import fact, question, task_of
from tests.support.models import BagEncoder
from tests.support.servers import Behaviour, Exchange, Server, copyist, drip, endless, serving

TASK = task_of(question("en", "refunds"), "en", [fact("en", "fines", "two"), fact("en", "refunds", "five")])
RIGHT = "All refunds are paid within five days. [2]"


def ask(server: Server, seconds: float = 5.0, retries: int = 2, key: str = "") -> str:
    generator = open_generator(GeneratorConfig("openai", "m", server.url, key, retries=retries))
    try:
        return "".join(generator.stream(TASK, Budget.start(40, seconds)))
    finally:
        generator.close()


def fails_first(times: int, code: int) -> Behaviour:
    def behave(exchange: Exchange) -> None:
        if exchange.number <= times:
            exchange.status(code)
        else:
            copyist(exchange)

    return behave


def test_a_request_says_what_is_wanted() -> None:
    with serving(copyist) as server:
        assert ask(server, key="geheim") == RIGHT
    (body,) = server.bodies
    assert (body["model"], body["max_tokens"], body["stream"], body["temperature"]) == ("m", 40, True, 0)
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert server.keys == ["Bearer geheim"]


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_server_that_fails_is_asked_again(code: int) -> None:
    with serving(fails_first(2, code)) as server:
        assert ask(server) == RIGHT
    assert len(server.bodies) == 3


def test_a_server_that_refuses_the_extra_field_is_asked_without_it() -> None:
    with serving(fails_first(1, 400)) as server:
        assert ask(server) == RIGHT
    assert ["chat_template_kwargs" in body for body in server.bodies] == [True, False]


def silent(exchange: Exchange) -> None:
    time.sleep(1.5)
    exchange.say("too late [1]")


def cut(exchange: Exchange) -> None:
    exchange.say("All refunds are", finish=None, done=False)


def stream_of(exchange: Exchange, text: str) -> None:
    exchange.begin()
    exchange.raw(text)


FAULTS: dict[str, tuple[Behaviour, str]] = {
    "500": (lambda exchange: exchange.status(500, "boom"), "status 500"),
    "401": (lambda exchange: exchange.status(401), "check DAWEN_GENERATOR_KEY"),
    "404": (lambda exchange: exchange.status(404), "status 404"),
    "page": (lambda exchange: exchange.status(200, "<html>It works!</html>"), "ended its answer early"),
    "wrong json": (lambda exchange: stream_of(exchange, "data: {not json}\n\n"), "JSONDecodeError"),
    "wrong shape": (lambda exchange: stream_of(exchange, "data: [1, 2]\n\n"), "did not answer"),
    "half an event": (lambda exchange: stream_of(exchange, 'data: {"id": "1", "choi'), "JSONDecodeError|ended its"),
    "nothing": (lambda exchange: exchange.begin(), "ended its answer early"),
    "cut": (cut, "ended its answer early"),
    "filtered": (lambda exchange: exchange.say("no", finish="content_filter"), "content_filter"),
    "silent": (silent, "too long"),
    "drip": (drip, "too long"),
    "endless": (endless, "too long"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_ends_in_an_error_within_the_time(fault: str, caplog: pytest.LogCaptureFixture) -> None:
    behave, words = FAULTS[fault]
    begun = time.monotonic()
    with (
        caplog.at_level(logging.DEBUG),
        serving(behave) as server,
        pytest.raises(GeneratorError, match=words) as caught,
    ):
        ask(server, seconds=1.0, retries=1, key="geheim")
    assert time.monotonic() - begun < 1.6
    assert "geheim" not in str(caught.value) + caplog.text


def test_a_dead_server_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
    with pytest.raises(GeneratorError, match=f"generator server '{url}' did not answer \\(APIConnectionError\\)"):
        ask(Server(url))


def test_a_refused_request_is_not_repeated() -> None:
    with serving(lambda exchange: exchange.status(401)) as server, pytest.raises(GeneratorError):
        ask(server)
    assert len(server.bodies) == 1


@pytest.mark.parametrize("how", ["cancel", "close"])
def test_who_has_heard_enough_hangs_up(how: str) -> None:
    with serving(endless) as server:
        generator = open_generator(GeneratorConfig("openai", "m", server.url))
        budget = Budget.start(40, 30)
        pieces = generator.stream(TASK, budget)
        assert next(pieces)
        hang_up: Callable[[], None] = budget.cancel.set if how == "cancel" else pieces.close  # type: ignore[attr-defined]
        hang_up()
        if how == "cancel":
            with pytest.raises(GeneratorError, match="cancelled"):
                list(pieces)
        assert server.hung_up.wait(5)
        generator.close()


@pytest.mark.parametrize(("model", "url"), [("", "http://127.0.0.1/v1"), ("m", ""), ("m", "127.0.0.1:8000")])
def test_what_is_missing_is_said_before_anything_is_asked(model: str, url: str) -> None:
    with pytest.raises(GeneratorError, match="needs a model and the address of its server"):
        open_generator(GeneratorConfig("openai", model, url))


def test_no_thread_is_left_behind() -> None:
    with serving(copyist) as server:
        ask(server)
    deadline = time.monotonic() + 5
    while any(thread.name == "generator-server" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)


LIES: dict[str, Behaviour] = {
    "lying": lambda exchange: exchange.say("All refunds are paid within ninety days. [1]"),
    "denying": lambda exchange: exchange.say("All refunds are not paid within five days. [1]"),
    "citing what is not there": lambda exchange: exchange.say("All refunds are paid within five days. [7]"),
    "citing nothing": lambda exchange: exchange.say("All refunds are paid within five days."),
    "refusing": lambda exchange: exchange.say("I cannot help with that. 我无法回答。"),
    "empty": lambda exchange: exchange.say(""),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("fault", [*FAULTS, *LIES])
def test_whatever_the_server_does_the_documents_are_quoted_in_time(fault: str, language: Language) -> None:
    behave = LIES[fault] if fault in LIES else FAULTS[fault][0]
    thing, days = ("refunds", "five") if language == "en" else ("退款", "五")
    passage = Passage(1, fact(language, thing, days), "Handbook", language=language)
    encoder = BagEncoder()
    retriever = build(encoder, [(1, passage.searchable)])
    asked = question(language, thing)
    found = [(passage, hit) for hit in retriever.search(asked, 1)]
    with serving(behave) as server:
        generator = open_generator(GeneratorConfig("openai", "m", server.url, retries=0))
        answerer = Answerer(encoder, Reader(encoder, retriever.lexical), generator)
        begun = time.monotonic()
        answer = answerer.answer(asked, found, budget=Budget.start(40, 0.6))
        assert time.monotonic() - begun < 2
        generator.close()
    assert (answer.verdict, answer.generator, answer.text) == (Verdict.ANSWERED, "extractive", passage.text)
