"""What a visit makes of what Ray and Serve say; test_site.py visits a cluster."""

from types import SimpleNamespace
from typing import Any

import pytest
import ray
from ray import serve
from ray.exceptions import GetTimeoutError
from ray.serve.exceptions import RayServeException

from bot.clusters import Application
from bot.errors import ClusterAway
from bot.remote.visiting import RayVisit
from tests.support.clusters import SMALL

ENCODER, ROUTER, SPANS, *OTHERS = SMALL.applications.values()


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """States by application of a cluster with three nodes, of which one is lost."""
    states: dict[str, str] = {}

    def status() -> Any:
        return SimpleNamespace(applications={name: SimpleNamespace(status=state) for name, state in states.items()})

    monkeypatch.setattr(serve, "status", status)
    monkeypatch.setattr(serve, "delete", states.__delitem__)
    monkeypatch.setattr(ray, "nodes", lambda: [{"Alive": True}, {"Alive": False}, {"Alive": True}])
    monkeypatch.setattr(ray, "cluster_resources", lambda: {"CPU": 6.0, "GPU": 1.0, "memory": 1e9})
    return states


def test_models_are_told_with_their_states_and_other_applications_are_not(deployed: dict[str, str]) -> None:
    old = "dawen-generator-00000000"
    deployed |= {"shop": "RUNNING", "dawen-shop": "RUNNING", old: "UNHEALTHY"}
    deployed |= {ENCODER: "RUNNING", ROUTER: "DEPLOYING", SPANS: "DEPLOY_FAILED"}
    census = RayVisit(SMALL).census()
    assert (census.nodes, census.cpus, census.gpus) == (2, 6, 1)
    assert {found.name for found in census.applications} == {old, *SMALL.applications.values()}
    assert Application(old, "failed", False) in census.applications
    assert (census.mine("running"), census.mine("starting"), census.mine("failed")) == ([ENCODER], [ROUTER], [SPANS])
    assert sorted(census.mine("missing")) == sorted(OTHERS)
    assert str(census) == (
        f"nodes: 2, CPUs: 6, GPUs: 1; running: {ENCODER}; starting: {ROUTER}; failed: {SPANS}; "
        f"not there until the bot starts: {', '.join(OTHERS)}"
    )


def test_only_what_is_named_is_removed(deployed: dict[str, str]) -> None:
    deployed |= {"shop": "RUNNING", ENCODER: "RUNNING", ROUTER: "RUNNING"}
    visit = RayVisit(SMALL)
    visit.remove([])
    assert len(deployed) == 3
    visit.remove([ENCODER, ROUTER])
    assert list(deployed) == ["shop"]


@pytest.mark.parametrize("error", [GetTimeoutError("late"), RayServeException("gone"), ConnectionError("lost")])
def test_a_cluster_that_is_lost_meanwhile_is_told_in_a_sentence(
    deployed: dict[str, str], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def lost(*_: object) -> None:
        raise error

    monkeypatch.setattr(serve, "status", lost)
    monkeypatch.setattr(serve, "delete", lost)
    visit = RayVisit(SMALL)
    with pytest.raises(ClusterAway, match="ray status"):
        visit.census()
    with pytest.raises(ClusterAway, match="ray status"):
        visit.remove([ENCODER])
