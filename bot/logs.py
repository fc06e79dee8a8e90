"""Logs that can be shown to anybody: no bot tokens or API keys, and of an exception its class and place but not its
message, which may quote what people wrote."""

import json
import logging
import re
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal

from bot.tracing import trace_id

LogFormat = Literal["text", "json"]
update_id: ContextVar[int | None] = ContextVar("update_id", default=None)  # what is worked on, as the inbox numbers it
_TOKEN = re.compile(r"(?:\d{4,}(?::|%3A)|dawen_\d+_)[A-Za-z0-9_-]{20,}", re.IGNORECASE)
_TALKATIVE = tuple(
    "telegram httpx httpcore httpx2 httpcore2 openai aiosqlite sqlalchemy asyncio trafilatura filelock uvicorn "
    "python_multipart urllib3".split()
)

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class DiscreetFormatter(logging.Formatter):
    """Formats records without tokens and without the messages of exceptions."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one or more lines."""
        record.exc_text = None  # another formatter may have left the messages of exceptions there
        return _TOKEN.sub("[token]", super().format(record))

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 - the name that logging calls
        """The chain of exceptions, each by class and place."""
        lines: list[str] = []
        error = ei[1]
        while error is not None:
            lines += [*traceback.format_tb(error.__traceback__), type(error).__qualname__]
            error = error.__cause__ or error.__context__
        return "\n".join(line.rstrip("\n") for line in lines)


class JsonFormatter(DiscreetFormatter):
    """As its parent, one JSON object a line: time (UTC), level, logger, message; update, trace, exception if known."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (number := update_id.get()) is not None:
            told["update"] = number
        if (trace := trace_id()) is not None:
            told["trace_id"] = trace
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return _TOKEN.sub("[token]", json.dumps(told, ensure_ascii=False))


def set_up_logging(level: str, style: LogFormat = "text") -> None:
    """Log to stderr from `level` on; libraries that log requests and payloads speak only of trouble."""
    handler = logging.StreamHandler(sys.stderr)
    plain = DiscreetFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonFormatter() if style == "json" else plain)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
