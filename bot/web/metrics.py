"""/metrics for Prometheus: numbers that lie ready in memory, read when they are asked for. Nobody's data is in them."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.web.front import Front
from bot.web.health import oldest_wait
from nlp.gpu import gpu_memory

_OUTCOMES = ("received", "done", "refused", "failed", "dead")
_VOTES = {1: "up", -1: "down", 0: "withdrawn"}


class FrontCollector(Collector):
    """What the parts of the application say of themselves."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self.oldest = 0.0  # seconds; asked of the database beforehand

    def collect(self) -> Iterator[Metric]:
        """Every figure as it is now."""
        yield from self._inbox()
        yield from self._models()
        yield from self._gpus()

    def _inbox(self) -> Iterator[Metric]:
        lanes, receiver = self._front.lanes, self._front.receiver
        yield _gauge("dawen_inbox_oldest_seconds", "How long the oldest update has waited.", self.oldest)
        if lanes is not None:
            counts = {name: lanes.outcomes[name] for name in _OUTCOMES}
            yield _counters("dawen_updates", "Updates since the start, by what became of them.", "outcome", counts)
            yield _gauge("dawen_lanes_waiting", "Chats with something to do.", lanes.waiting)
            yield _gauge("dawen_lanes_running", "Chats that are served now.", lanes.running)
        if receiver is not None:
            yield _gauge("dawen_last_poll_seconds", "Time since a poll was completed.", receiver.silent_for)

    def _models(self) -> Iterator[Metric]:
        app = self._front.app
        votes = {name: app.voting.counts[value] for value, name in _VOTES.items()}
        yield _counters("dawen_votes", "Votes by button since the start.", "vote", votes)
        failures = CounterMetricFamily("dawen_generator_failures", "Answers that a generator failed to word.")
        failures.add_metric([], app.inference.generator_failures)
        yield failures
        yield InfoMetricFamily("dawen_models", "Versions that serve.", value=dict(app.inference.models.versions))
        yield _gauge("dawen_routes_waiting", "Texts that wait for their route.", app.inference.queued)
        yield _gauge(
            "dawen_index_generation", "Generation of the knowledge in the index.", app.knowledge.index.generation
        )
        yield _gauge("dawen_index_passages", "Passages in the index.", app.knowledge.index.size)

    def _gpus(self) -> Iterator[Metric]:
        memory = gpu_memory()
        if memory:
            family = GaugeMetricFamily("dawen_gpu_memory_bytes", "Memory of GPUs.", labels=["gpu", "kind"])
            for number, (used, total) in enumerate(memory):
                family.add_metric([str(number), "used"], used)
                family.add_metric([str(number), "total"], total)
            yield family


def metrics_router(front: Front) -> APIRouter:
    """The one route."""
    router = APIRouter(include_in_schema=False)
    collector = FrontCollector(front)
    registry = front.app.metrics.registry
    registry.register(collector)

    @router.get("/metrics")
    async def metrics() -> Response:
        collector.oldest = await oldest_wait(front.database)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value)


def _counters(name: str, about: str, label: str, values: Mapping[Any, int]) -> Metric:
    family = CounterMetricFamily(name, about, labels=[label])
    for key, value in values.items():
        family.add_metric([str(key)], value)
    return family
