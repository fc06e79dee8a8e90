"""Traces: one for each update with a span for each stage, nothing in them that people wrote, and no harm from them."""

import asyncio
import json
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from bot import inbox, tracing
from bot.app import App
from bot.conversation import Conversation
from bot.errors import RunError
from bot.logs import JsonFormatter
from bot.simulator.people import ADA, BO, TOKEN
from bot.training_run import TrainingRun
from bot.web.front import Front
from nlp.errors import GeneratorError
from nlp.generators.base import Budget, Task
from nlp.router import KIND
from storage.records import NewRun, RunStatus
from tests.support.answers import Parrot
from tests.support.api import calling, with_settings
from tests.support.collectors import Collector, collecting, facts
from tests.support.telegram import Telegram

ASKED = {"en": "When are refunds paid?", "zh": "退款什么时候支付？"}
PEOPLE = {"en": ADA, "zh": BO}
STAGES = ["route", "retrieve", "answer", "send"]
SECRET = "my secret diary"  # what an exception quotes


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as found:
        yield found


@dataclass
class Together(Parrot):
    """Says its pieces when another chat is waiting for it too."""

    both: threading.Barrier = field(default_factory=lambda: threading.Barrier(2, timeout=10))

    def stream(self, task: Task, budget: Budget) -> Iterator[str]:
        self.both.wait()
        yield from super().stream(task, budget)


def use(telegram: Telegram, parrot: Parrot) -> None:
    inference = telegram.app.inference
    inference.models = replace(inference.models, generator=parrot)


def status(span: Span) -> tuple[int, str]:
    return span.status.code, span.status.message


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_an_update_is_one_trace_of_its_stages_without_what_was_said(
    telegram: Telegram, collector: Collector, language: str
) -> None:
    asked, person = ASKED[language], PEOPLE[language]
    with tracing.tracing(collector.url):
        reply = await telegram.ask(person, asked)
    (update,) = [span for span in collector.spans if not span.parent_span_id]
    stages = collector.below(update)
    assert (update.name, [span.name for span in stages]) == ("update", STAGES)
    assert len(collector.spans) == 1 + len(stages)
    told = facts(update)
    stored = await telegram.stored(reply)
    assert stored is not None
    assert told["dawen.update"] == 1
    assert (told["dawen.lane"], told["dawen.outcome"], told["dawen.attempts"]) == ("chat", "done", 1)
    assert (told["dawen.kind"], told["dawen.language"], told["dawen.intent"]) == ("answer", language, "question")
    assert told["dawen.version.router"] == telegram.app.inference.models.router.version
    assert status(update) == (Status.STATUS_CODE_OK, "")
    for span in stages:
        assert update.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano
        assert span.end_time_unix_nano <= update.end_time_unix_nano
    version = str(told["dawen.version.router"])  # holds the hour and the minute, which can be a person's number
    exported = b"".join(collector.bodies).replace(version.encode(), b"")
    for secret in (asked, reply.text[:20], person.first_name, TOKEN, str(person.id), "Handbook", "手册"):
        assert secret.encode() not in exported
    assert person.id not in told.values()
    assert set(collector.paths) == {"/v1/traces"}


async def test_stages_of_chats_that_are_answered_at_once_stay_apart(telegram: Telegram, collector: Collector) -> None:
    use(telegram, Together(["Refunds are paid within thirty days of the purchase. [1]"]))
    with tracing.tracing(collector.url):
        for language, asked in ASKED.items():
            telegram.say(PEOPLE[language], asked)
        await telegram.settled()
    updates = collector.named("update")
    assert {facts(update)["dawen.language"] for update in updates} == {"en", "zh"}
    assert updates[1].start_time_unix_nano < updates[0].end_time_unix_nano
    for update in updates:
        assert sorted(span.name for span in collector.below(update)) == sorted([*STAGES, "generate"])


async def test_a_generator_that_fails_is_told_by_the_class_of_its_error(
    telegram: Telegram, collector: Collector
) -> None:
    use(telegram, Parrot([GeneratorError(SECRET)]))
    with tracing.tracing(collector.url):
        await telegram.ask(ADA, ASKED["en"])
    (generate,), (update,) = collector.named("generate"), collector.named("update")
    assert status(generate) == (Status.STATUS_CODE_ERROR, "GeneratorError")
    assert status(update) == (Status.STATUS_CODE_OK, "")
    assert SECRET.encode() not in b"".join(collector.bodies)


@pytest.mark.parametrize(("failures", "ended"), [(1, "done"), (inbox.MAX_ATTEMPTS, "failed")])
async def test_attempts_are_one_trace_with_the_class_of_what_failed_for_good(
    telegram: Telegram, collector: Collector, monkeypatch: pytest.MonkeyPatch, failures: int, ended: str
) -> None:
    respond, left = Conversation.respond, [ValueError(SECRET)] * failures

    async def fail_first(self: Conversation, *args: object) -> object:
        if left:
            raise left.pop()
        return await respond(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Conversation, "respond", fail_first)
    monkeypatch.setattr(inbox, "_FIRST_DELAY", 0.005)
    with tracing.tracing(collector.url):
        await telegram.ask(ADA, ASKED["en"])
    (update,) = collector.named("update")
    tried = facts(update)
    assert (tried["dawen.outcome"], tried["dawen.attempts"]) == (ended, min(failures + 1, inbox.MAX_ATTEMPTS))
    good = (Status.STATUS_CODE_OK, "")
    assert status(update) == (good if ended == "done" else (Status.STATUS_CODE_ERROR, "ValueError"))
    assert not update.events
    assert SECRET.encode() not in b"".join(collector.bodies)


async def test_a_training_run_is_a_trace(app: App, collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*args: object) -> None:
        raise RunError(SECRET, "few")

    monkeypatch.setattr(TrainingRun, "carry_out", fail)
    with tracing.tracing(collector.url):
        async with app.database.write() as tx:
            run = await tx.runs.queue(NewRun(KIND))
        await app.retraining.work_off()
    async with app.database.read() as tx:
        ended = await tx.runs.get(run.id)
    assert ended is not None
    assert ended.status is RunStatus.FAILED
    (training,) = collector.spans
    assert (training.name, facts(training)) == ("training", {"dawen.run": run.id, "dawen.kind": KIND})
    assert status(training) == (Status.STATUS_CODE_ERROR, "RunError")
    assert SECRET.encode() not in b"".join(collector.bodies)


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_request_of_the_rest_api_is_a_trace_of_its_stages(
    app: App, collector: Collector, streamed: bool
) -> None:
    front = Front(app)
    headers = {"Accept": "text/event-stream"} if streamed else {}
    with tracing.tracing(collector.url):
        async with calling(front, await app.keys.create("shop")) as client:
            response = await client.post("/v1/ask", json={"text": ASKED["en"]}, headers=headers)
    assert response.status_code == 200
    (request,) = collector.named("request")
    assert [span.name for span in collector.below(request)] == STAGES[:-1]
    told = facts(request)
    assert (told["dawen.method"], told["dawen.use"], told["dawen.status"]) == ("POST", "ask", 200)
    assert (told["dawen.kind"], told["dawen.intent"]) == ("answer", "question")
    assert ASKED["en"].encode() not in b"".join(collector.bodies)


async def test_a_request_that_takes_too_long_or_leads_nowhere_is_told_without_its_path(
    app: App, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Conversation, "ask", never)
    key = await app.keys.create("shop")
    with tracing.tracing(collector.url):
        async with calling(Front(with_settings(app, api_seconds=0.2)), key) as client:
            late = await client.post("/v1/ask", json={"text": SECRET})
            lost = await client.get(f"/v1/{SECRET}")
    assert [response.status_code for response in (late, lost)] == [504, 404]
    slow, nowhere = collector.named("request")
    assert status(slow) == (Status.STATUS_CODE_ERROR, "ApiError")
    assert facts(nowhere) == {"dawen.method": "GET", "dawen.status": 404}
    assert SECRET.encode() not in b"".join(collector.bodies)


def test_lines_of_the_log_name_the_trace(collector: Collector) -> None:
    record = logging.LogRecord("bot.a", logging.INFO, __file__, 1, "said", None, None)
    with tracing.tracing(f"{collector.url}/v1/traces/"):
        before = json.loads(JsonFormatter().format(record))
        with tracing.root("update"), tracing.part("send"):
            within = json.loads(JsonFormatter().format(record))
    update, send = collector.spans
    assert within["trace_id"] == update.trace_id.hex() == send.trace_id.hex()
    assert "trace_id" not in before
    assert collector.paths == ["/v1/traces"]


def test_what_belongs_to_no_trace_makes_none(collector: Collector) -> None:
    with tracing.tracing(collector.url):
        tracing.lap("route", 0.1)
        tracing.note(kind="answer")
        tracing.failed(ValueError())
        with tracing.part("send"), tracing.root("update"):
            tracing.lap("route", 2.0)
    update, route = collector.named("update")[0], collector.named("route")[0]
    assert {span.name for span in collector.spans} == {"update", "route"}
    assert route.parent_span_id == update.span_id
    assert route.end_time_unix_nano - route.start_time_unix_nano == 2_000_000_000


def test_a_root_is_one_whatever_is_traced_around_it(collector: Collector) -> None:
    with tracing.tracing(collector.url), tracing.root("training"), tracing.root("update"):
        pass
    assert not any(span.parent_span_id for span in collector.spans)
    assert len({span.trace_id for span in collector.spans}) == 2


@pytest.mark.parametrize("listens", [True, False])
async def test_a_collector_that_does_not_answer_changes_nothing(
    telegram: Telegram, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, listens: bool
) -> None:
    monkeypatch.setattr(tracing, "_FLUSH_WITHIN", 0.2)
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if listens:  # and never accepts
            silent.listen()
        with tracing.tracing(f"http://127.0.0.1:{silent.getsockname()[1]}"):
            replies = [await telegram.ask(PEOPLE[language], asked) for language, asked in ASKED.items()]
            ending = time.monotonic()
        assert time.monotonic() - ending < 1
    assert ["thirty days" in replies[0].text, "三十天" in replies[1].text] == [True, True]
    assert not [record for record in caplog.records if record.name.startswith("opentelemetry")]


def test_a_collector_that_refuses_is_told_of_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
    with collecting(status=400) as collector, tracing.tracing(collector.url):
        for posts in range(1, 4):
            with tracing.root("update"):
                pass
            collector.wait(posts)
    assert [record.name for record in caplog.records] == ["bot.tracing"]
    assert "takes no traces" in caplog.text


@pytest.mark.slow
def test_without_a_collector_nothing_is_imported_and_nothing_is_kept() -> None:
    lines = (
        "import sys, bot.inbox, bot.logs, bot.stopwatch",
        "from bot import tracing",
        "with tracing.tracing(''), tracing.root('update', lane='chat'), tracing.part('send'):",
        "    bot.stopwatch.Stopwatch().lap('route'); tracing.note(kind='answer'); tracing.succeeded()",
        "    assert tracing.trace_id() is None",
        "print([name for name in sys.modules if name.startswith('opentelemetry')])",
    )
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_off_again_nothing_is_handed_over(collector: Collector) -> None:
    with tracing.tracing(collector.url):
        pass
    with tracing.root("update"):
        assert tracing.trace_id() is None
    assert not collector.bodies
