"""A visit to a cluster: what is there, and Dawen's part of it removed. Nothing is started there."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import ray
from ray import serve
from ray.exceptions import RayError
from ray.serve.exceptions import RayServeException

from bot.clusters import Application, Census, State
from bot.errors import ClusterAway
from bot.remote.connection import connected
from bot.remote.recipes import Recipe, is_ours

_STATES: dict[str, State] = {  # what Serve calls otherwise has failed
    "RUNNING": "running",
    "DEPLOYING": "starting",
    "NOT_STARTED": "starting",
    "DELETING": "stopping",
}

_AT_ONCE = 8  # applications that are removed at the same time; each takes seconds


@contextmanager
def visiting(address: str, recipe: Recipe) -> Iterator["RayVisit"]:
    """A visit by a bot of a recipe.

    Raises:
        StartError: no cluster answers there.
    """
    with connected(address):
        yield RayVisit(recipe)


class RayVisit:
    """See `bot.clusters.Visit`; of the connected cluster."""

    def __init__(self, recipe: Recipe) -> None:
        self._mine = list(recipe.applications.values())

    def census(self) -> Census:
        """See `bot.clusters.Visit.census`."""
        with _an_answer():
            has = ray.cluster_resources()
            nodes = sum(node["Alive"] for node in ray.nodes())
            found = {name: app.status for name, app in serve.status().applications.items() if is_ours(name)}
        states = {name: _STATES.get(status, "failed") for name, status in sorted(found.items())}
        missing: dict[str, State] = {name: "missing" for name in self._mine if name not in found}
        return Census(
            nodes,
            int(has.get("CPU", 0)),
            int(has.get("GPU", 0)),
            [Application(name, state, name in self._mine) for name, state in (states | missing).items()],
        )

    def remove(self, names: Sequence[str]) -> None:
        """See `bot.clusters.Visit.remove`."""
        with _an_answer(), ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(serve.delete, names))


@contextmanager
def _an_answer() -> Iterator[None]:
    try:
        yield
    except (RayError, RayServeException, OSError) as error:
        raise ClusterAway("the cluster gave no answer: see whether 'ray status' on one of its nodes does") from error
