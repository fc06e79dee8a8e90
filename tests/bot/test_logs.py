"""Logs hold no tokens and nothing of what people wrote."""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest

from bot.logs import DiscreetFormatter, JsonFormatter, set_up_logging, update_id
from tests.support.terminal import logs_as_before

TOKEN = "123456789:AAH-abcdefghijklmnopqrstuvwxyz_0123"


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger of its own and what it writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(DiscreetFormatter("%(levelname)s %(message)s"))
    logger = logging.Logger("test")  # noqa: LOG001 - apart from all others
    logger.addHandler(handler)
    yield logger, stream
    handler.close()


def test_tokens_are_hidden_wherever_they_stand(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    logger.warning("GET https://api.telegram.org/bot%s/getMe", TOKEN)
    assert stream.getvalue() == "WARNING GET https://api.telegram.org/bot[token]/getMe\n"


@pytest.mark.parametrize("text", ["at 12:30:45 on port 8090:tcp", "chat 1001 said hello", "ratio 1234:5678"])
def test_other_numbers_stay(log: tuple[logging.Logger, io.StringIO], text: str) -> None:
    logger, stream = log
    logger.warning("%s", text)
    assert stream.getvalue() == f"WARNING {text}\n"


def _fail(message: str) -> None:
    try:
        raise KeyError(message)
    except KeyError as error:
        raise ValueError(message) from error


def test_exceptions_are_told_by_class_and_place_without_their_message(
    log: tuple[logging.Logger, io.StringIO],
) -> None:
    logger, stream = log
    try:
        _fail(f"my secret diary, {TOKEN}")
    except ValueError:
        logger.exception("a message was not answered")
    written = stream.getvalue()
    assert "a message was not answered" in written
    assert "ValueError" in written
    assert "KeyError" in written
    assert "in _fail" in written
    assert "test_logs.py" in written
    assert written.count("secret diary") == 1  # the line of this test that calls
    assert TOKEN not in written


def test_an_exception_during_another_is_told_too(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    try:
        try:
            _fail("one")
        finally:
            int("two")
    except ValueError:
        logger.exception("three")
    ends = [line for line in stream.getvalue().splitlines() if line.endswith("Error")]
    assert ends == ["ValueError", "ValueError", "KeyError"]


def test_libraries_speak_only_of_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with logs_as_before():
        set_up_logging("debug")
        logging.getLogger("httpx").info("POST https://api.telegram.org/bot%s/sendMessage", TOKEN)
        logging.getLogger("telegram.ext").debug("update with what somebody wrote")
        for name in ("openai._base_client", "httpx2", "httpcore2.http11"):
            logging.getLogger(name).info("a request with what somebody asked")
        logging.getLogger("telegram.ext").warning("a retry with %s", TOKEN)
        logging.getLogger("bot.inbox").debug("two lanes")
    lines = [line.split(" ", 2)[2] for line in stream.getvalue().splitlines()]
    assert lines == ["WARNING telegram.ext: a retry with [token]", "DEBUG bot.inbox: two lanes"]


def test_below_the_level_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with logs_as_before():
        set_up_logging("error")
        logging.getLogger("bot.inbox").warning("not this")
        logging.getLogger("bot.inbox").error("but this")
    assert stream.getvalue().count("\n") == 1
    assert stream.getvalue().endswith("ERROR bot.inbox: but this\n")


def test_json_is_one_object_a_line_with_the_update_and_without_what_people_wrote(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with logs_as_before():
        set_up_logging("info", "json")
        logging.getLogger("bot.a").info("key dawen_7_%s and\ntoken %s", "x" * 43, TOKEN)
        update_id.set(17)
        try:
            _fail("my secret diary")
        except ValueError:
            logging.getLogger("bot.b").exception("update %d failed", 4)
        update_id.set(None)
    plain, failed = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (plain["level"], plain["logger"], plain["message"]) == ("info", "bot.a", "key [token] and\ntoken [token]")
    assert plain["time"].endswith("+00:00")
    assert "update" not in plain
    assert (failed["update"], failed["message"]) == (17, "update 4 failed")
    assert failed["exception"].endswith("KeyError")
    assert TOKEN not in stream.getvalue()
    assert failed["exception"].count("secret diary") == 1  # the line of this test that calls


def test_both_formats_hide_the_same(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    logger.handlers[0].setFormatter(JsonFormatter())
    logger.warning("GET bot%s", TOKEN)
    assert json.loads(stream.getvalue())["message"] == "GET bot[token]"
