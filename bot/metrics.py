"""What is counted while the bot runs, and noted in its traces: replies by kind, and how long each stage of them took.

Nobody's data is in it.
"""

from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram

from bot import tracing
from bot.dialogue import Reply

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)  # seconds


class Replied(Protocol):
    """Is told of every reply."""

    def __call__(self, reply: Reply) -> None:
        """Take note of a reply."""


def unheard(reply: Reply) -> None:
    """Take no note."""


class Metrics:
    """Counters of one application, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._replies = Counter("dawen_replies", "Replies by kind.", ["kind"], registry=self.registry)
        self._stages = Histogram(
            "dawen_stage_seconds", "Time of a reply by stage.", ["stage"], buckets=_BUCKETS, registry=self.registry
        )

    def replied(self, reply: Reply) -> None:
        """Count a reply and the time that each of its stages took."""
        self._replies.labels(reply.kind.value).inc()
        for stage, milliseconds in reply.timings.items():
            self._stages.labels(stage).observe(milliseconds / 1000)
        tracing.note(**_facts(reply))


def _facts(reply: Reply) -> dict[str, tracing.Fact]:
    """What a trace may tell of a reply: kind, language, intent with its probability, and what made it."""
    facts: dict[str, tracing.Fact] = {"kind": reply.kind.value, "language": reply.language}
    if reply.route is not None:
        intent = reply.route.intent
        facts |= {"intent": intent.label, "confidence": round(intent.score, 4), "confident": reply.route.confident}
    return facts | {f"version.{part}": str(made) for part, made in reply.versions.items()}
