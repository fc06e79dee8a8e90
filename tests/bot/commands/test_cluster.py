"""`dawen cluster status` and `clear`, and what `dawen doctor` says of a cluster."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from bot import checks
from bot.clusters import Application, Census
from bot.settings import Settings, load_settings
from tests.support.terminal import Terminal

ENCODER, ROUTER, OLD = "dawen-encoder-11111111", "dawen-router-11111111", "dawen-encoder-22222222"
NOWHERE = {"DAWEN_INFERENCE": "ray://127.0.0.1:1"}


class Visited:
    """A cluster of two nodes with a model of this bot and one of another; a second one of this bot is missing."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {ENCODER: "running", OLD: "running"}

    def census(self) -> Census:
        """See `bot.clusters.Visit`."""
        found = [Application(name, state, name != OLD) for name, state in self.states.items()]  # type: ignore[arg-type]
        return Census(2, 6, 0, [*found, Application(ROUTER, "missing", True)])

    def remove(self, names: Sequence[str]) -> None:
        """See `bot.clusters.Visit`."""
        for name in names:
            del self.states[name]


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> Visited:
    """What every visit leads to."""
    place = Visited()

    @contextmanager
    def visit(_: Settings) -> Iterator[Visited]:
        yield place

    monkeypatch.setattr("bot.commands.cluster.visit_cluster", visit)
    monkeypatch.setattr(checks, "visit_cluster", visit)
    return place


def test_the_state_of_a_cluster_is_shown(terminal: Terminal, visited: Visited) -> None:
    first, _, *rows = terminal("cluster", "status").out.splitlines()
    assert first == "nodes: 2, CPUs: 6, GPUs: 0"
    assert [row.split() for row in rows] == [
        [ENCODER, "running", "this", "bot"],
        [OLD, "running"],
        [ROUTER, "missing", "this", "bot"],
    ]
    told = terminal("cluster", "status", "--json").json
    assert (told["nodes"], told["cpus"], told["gpus"]) == (2, 6, 0)
    assert told["applications"][1] == {"name": OLD, "state": "running", "mine": False}


@pytest.mark.parametrize(("typed", "left"), [("n\n", [ENCODER, OLD]), ("\n", [ENCODER, OLD]), ("y\n", [])])
def test_it_is_asked_before_models_are_removed(
    terminal: Terminal, visited: Visited, typed: str, left: list[str]
) -> None:
    outcome = terminal("cluster", "clear", "--json", typed=typed)
    assert list(visited.states) == left
    assert outcome.json == {"removed": [] if left else [ENCODER, OLD]}
    assert f"Remove {ENCODER}, {OLD}? Bots that use them" in outcome.err


def test_nobody_there_to_answer_removes_nothing(terminal: Terminal, visited: Visited) -> None:
    assert "--yes" in terminal("cluster", "clear").complaint
    assert len(visited.states) == 2


def test_it_is_not_asked_where_one_is_sure_and_old_ones_go_alone(terminal: Terminal, visited: Visited) -> None:
    assert terminal("cluster", "clear", "--old", "--yes").out == f"removed from the cluster: {OLD}\n"
    assert list(visited.states) == [ENCODER]
    assert terminal("cluster", "clear", "--old").out == "removed from the cluster: nothing\n"
    assert terminal("cluster", "clear", "--yes").out == f"removed from the cluster: {ENCODER}\n"


@pytest.mark.parametrize("words", [("status",), ("clear", "--yes")], ids=" ".join)
def test_no_cluster_is_told_in_a_sentence(
    terminal: Terminal, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert terminal("cluster", *words).complaint.startswith("DAWEN_INFERENCE names no cluster: set it to")
    assert terminal("cluster", *words, **NOWHERE).complaint.startswith("no cluster answers at 'ray://127.0.0.1:1'")
    monkeypatch.setitem(sys.modules, "bot.remote.visiting", None)
    assert "Ray is not installed" in terminal("cluster", *words, **NOWHERE).complaint


async def test_the_doctor_tells_which_models_are_there(visited: Visited) -> None:
    settings = load_settings(inference="ray://auto")
    assert await checks.CHECKS["cluster"](settings) == (
        f"nodes: 2, CPUs: 6, GPUs: 0; running: {ENCODER}; not there until the bot starts: {ROUTER}"
    )
    visited.states[ENCODER] = "failed"
    note = await checks.CHECKS["cluster"](settings)
    assert isinstance(note, checks.Warn)
    assert f"failed: {ENCODER}; " in note.detail
    assert "'dawen cluster clear'" in note.detail


def test_a_doctor_without_a_cluster(terminal: Terminal) -> None:
    def said(**env: str) -> tuple[str, str]:
        found = {check["name"]: check for check in terminal("doctor", "--json", **env).json["checks"]}
        return found["cluster"]["state"], found["cluster"]["detail"]

    assert said() == ("ok", "none: this process computes")
    state, detail = said(**NOWHERE)
    assert (state, detail.partition(":")[0]) == ("fault", "no cluster answers at 'ray")
