"""A look at the cluster of the settings from outside, for `dawen doctor` and `dawen cluster`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.errors import SettingsError
from bot.settings import Settings
from bot.sites import generator_config, needs_ray

State = Literal["running", "starting", "stopping", "failed", "missing"]
_SAID: dict[State, str] = {
    "running": "running",
    "starting": "starting",
    "stopping": "stopping",
    "failed": "failed",
    "missing": "not there until the bot starts",
}


@dataclass(frozen=True, slots=True)
class Application:
    """One of Dawen's models on a cluster; `mine` is whether the bot of the settings uses it."""

    name: str
    state: State
    mine: bool


@dataclass(frozen=True, slots=True)
class Census:
    """What a cluster has, and Dawen's models on it, with those that the next start of the bot puts there."""

    nodes: int
    cpus: int
    gpus: int
    applications: Sequence[Application]

    def mine(self, state: State) -> list[str]:
        """The names of this bot's models in a state."""
        return [found.name for found in self.applications if found.mine and found.state == state]

    @property
    def size(self) -> str:
        """How large the cluster is, in words."""
        return f"nodes: {self.nodes}, CPUs: {self.cpus}, GPUs: {self.gpus}"

    def __str__(self) -> str:
        named = [(words, self.mine(state)) for state, words in _SAID.items()]
        return "; ".join([self.size, *(f"{words}: {', '.join(names)}" for words, names in named if names)])


class Visit(Protocol):
    """A connection to a cluster, through which one looks and removes."""

    def census(self) -> Census:
        """What is there now.

        Raises:
            ClusterAway: no answer.
        """

    def remove(self, names: Sequence[str]) -> None:
        """Remove applications, and wait until they are gone.

        Raises:
            ClusterAway: no answer.
        """


@contextmanager
def visit_cluster(settings: Settings) -> Iterator[Visit]:
    """Connected to the cluster of the settings meanwhile.

    Raises:
        SettingsError: they name none. StartError: it does not answer, or Ray is not installed here.
    """
    if not settings.inference:
        raise SettingsError("DAWEN_INFERENCE names no cluster: set it to 'ray://host:port' or 'ray://auto'")
    with needs_ray():
        from bot.remote.recipes import recipe_of
        from bot.remote.visiting import visiting
    with visiting(settings.inference, recipe_of(settings, generator_config(settings))) as visit:
        yield visit
