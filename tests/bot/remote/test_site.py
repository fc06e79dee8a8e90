"""What models must do wherever they compute: the same in this process and on a Ray cluster of two nodes."""

import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import ray
from ray import serve

from bot.errors import RunError
from bot.inference import Inference, Models
from bot.launching import Told
from bot.plans import Plan, read_result, write_plan
from bot.remote.cluster import Cluster, open_models
from bot.remote.connection import AUTO, connected
from bot.remote.site import remote_site
from bot.remote.training import ClusterTrainer
from bot.remote.visiting import RayVisit
from bot.rollout import Rollouts
from bot.settings import Settings
from bot.sites import Site
from nlp.errors import GeneratorError, ModelError
from nlp.generator import Budget, Task
from nlp.learning import snapshot_store
from nlp.learning.samples import Policy
from nlp.learning.snapshot import freeze
from nlp.model_store import ModelStore, read_model
from nlp.reader import Reading
from nlp.router import KIND, Router, load_router
from nlp.summarizer import Summarizer
from nlp.training.data import read_examples, seed_files
from nlp.training.router import DEFAULT, save_router
from nlp.types import Route
from storage.database import Database
from tests.support.apps import small_models
from tests.support.clusters import SMALL, deadly_encoder, two_nodes
from tests.support.models import DIMENSION, EXAMPLES, BagEncoder
from tests.support.training import inline, write_small_seeds

pytestmark = pytest.mark.slow
TEXTS = ["how do i reset my password", "怎么重置密码", "hello there", "退款政策是什么", "", "mixed 密码 password"]


@pytest.fixture(scope="module")
def outside_port() -> int:
    """Where the cluster is called from outside."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def cluster(outside_port: int) -> Iterator[Cluster]:
    """The small models on two nodes, connected to as from one of these."""
    with two_nodes(outside_port), connected(AUTO):
        cluster = open_models(AUTO, SMALL)
        yield cluster
        cluster.close()


def near() -> Site:
    """The small models in this process."""
    assert SMALL.spans
    assert SMALL.reranker
    assert SMALL.generator
    reranker = SMALL.reranker
    return Site(
        SMALL.encoder, SMALL.spans, SMALL.generator, reranker=lambda *_: reranker(), launch=inline(BagEncoder())
    )


@pytest.fixture(params=["process", "ray"])
def site(request: pytest.FixtureRequest) -> Site:
    """Both places."""
    if request.param == "process":
        return near()
    return remote_site(request.getfixturevalue("cluster"), SMALL, near(), ClusterTrainer(BagEncoder))


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "home" / "models")


def stored_router(store: ModelStore) -> Path:
    """A router in the store."""
    return store.folder(KIND, save_router(small_models().router, store, EXAMPLES, DEFAULT).version)


def here(folder: Path) -> Router:
    """A stored router in this process."""
    return load_router(folder, BagEncoder())[0]


def test_an_encoder_says_the_same(site: Site) -> None:
    encoder, wanted_of = site.encoder(), BagEncoder()
    assert (encoder.fingerprint, encoder.reading, encoder.dimension) == ("bag", "bag", wanted_of.dimension)
    for found, wanted in [
        (encoder.encode(TEXTS, "query", -1.0), wanted_of.encode(TEXTS, "query", -1.0)),
        (encoder.features(TEXTS), wanted_of.features(TEXTS)),
        (encoder.encode(TEXTS * 50), wanted_of.encode(TEXTS * 50)),
        (encoder.encode([]), wanted_of.encode([])),
    ]:
        np.testing.assert_array_equal(found.vectors, wanted.vectors)
        np.testing.assert_array_equal(found.coverage, wanted.coverage)


def test_a_router_says_the_same(site: Site, store: ModelStore) -> None:
    folder = stored_router(store)
    router = site.router(folder, site.encoder())
    assert (router.version, router.scorer.architecture) == (folder.name, "fused")
    assert router.route_many(TEXTS) == here(folder).route_many(TEXTS)


def test_a_damaged_router_is_refused_before_it_serves(site: Site, store: ModelStore) -> None:
    folder = stored_router(store)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-8] + b"damaged!")
    with pytest.raises(ModelError, match="missing or damaged"):
        site.router(folder, site.encoder())


def test_a_reranker_orders_the_same_and_its_failures_arrive_as_they_are(site: Site) -> None:
    reranker = site.reranker("", "cpu")
    assert reranker.fingerprint == "words"
    assert reranker.order("when does it open", ["no word", "it does", "when it does open"]) == [2, 1, 0]
    with pytest.raises(ValueError, match="a bad passage"):
        reranker.score([("a", "bad")])


def test_sentences_are_read_the_same(site: Site) -> None:
    spans = site.spans()
    assert spans
    assert SMALL.spans
    asked = ("when does it open?", ["It opens at nine.", "Fish on Fridays."])
    assert spans.read(*asked) == SMALL.spans().read(*asked)
    assert spans.trust("when does it open?") == 1.0


def test_a_generator_writes_in_pieces_and_within_its_budget(site: Site) -> None:
    generator = site.generator()
    assert (generator.name, generator.phrases) == ("echo", True)
    task = Task("nine 九点 o'clock", "en", Reading((), 0.0))
    assert list(generator.stream(task, Budget.start())) == ["nine ", "九点 ", "o'clock "]
    with pytest.raises(GeneratorError, match="too long"):
        list(generator.stream(replace(task, question="endless"), Budget.start(seconds=0.3)))
    cancelled = Budget.start()
    threading.Timer(0.2, cancelled.cancel.set).start()
    with pytest.raises(GeneratorError, match="cancelled"):
        list(generator.stream(replace(task, question="endless"), cancelled))


@dataclass
class House:
    """Models of a site, with a router that serves."""

    site: Site
    store: ModelStore
    inference: Inference


@pytest.fixture
async def house(site: Site, store: ModelStore) -> AsyncIterator[House]:
    folder = stored_router(store)
    store.promote(KIND, folder.name)
    encoder = await asyncio.to_thread(site.encoder)
    router = await asyncio.to_thread(site.router, folder, encoder)
    generator = await asyncio.to_thread(site.generator)
    models = Models(encoder, router, generator, Summarizer())
    async with AsyncExitStack() as stack:
        yield House(site, store, await stack.enter_async_context(Inference(models, lanes=site.lanes)))


async def test_a_promoted_router_serves_from_the_next_message_on_and_is_never_mixed(
    house: House, sqlite: Database, tmp_path: Path
) -> None:
    chosen: dict[str, Any] = {"home": tmp_path / "home"}
    settings = Settings(**chosen)
    rollouts = Rollouts(settings, sqlite, house.inference, house.site.router)
    before, after = house.inference.models, stored_router(house.store).name
    asked = [asyncio.create_task(house.inference.route(text, before)) for text in TEXTS * 30]
    assert await rollouts.offer(KIND, after, before.router.version)
    assert house.inference.models.versions["router"] == after
    later = [house.inference.route(text) for text in TEXTS]
    wanted = [rounded(route) for route in here(house.store.folder(KIND, after)).route_many(TEXTS)]
    assert [rounded(route) for route in await asyncio.gather(*asked)] == wanted * 30
    assert [rounded(route) for route in await asyncio.gather(*later)] == wanted


def rounded(route: Route) -> list[tuple[str, float]]:
    """What a route says; its last digits depend on how many texts are scored at a time."""
    return [(said.label, round(said.score, 4)) for said in (*route.intents, *route.topics)]


def plan_for(home: Path, store: ModelStore) -> tuple[Path, Plan]:
    """A plan to train the small router again on its own seeds."""
    seeds = write_small_seeds(home / "seeds")
    snapshot = freeze([], read_examples(*seed_files(seeds)), Policy(), datetime(2026, 5, 1, tzinfo=UTC))
    snapshot_store.write(home / "snapshot", snapshot)
    live, folder = store.current(KIND), home / "runs" / "1"
    plan = Plan(
        run=1,
        kind=KIND,
        version="20260501-000000-run1",
        snapshot=str(home / "snapshot"),
        data_sha256=snapshot.sha256,
        rows=0,
        models=str(home / "models"),
        live=live,
        base=live,
        language="en",
        encoder="bag",
        device="cpu",
        backend="auto",
        cache=None,
        features=str(home / "features"),
        seeds=str(seeds),
        learned=str(home / "learned"),
    )
    write_plan(folder, plan)
    return folder, plan


async def test_a_training_gives_the_same_candidate_and_the_same_verdict(
    house: House, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, plan = plan_for(tmp_path / "home", house.store)
    told: list[Told] = []
    await house.site.launch(folder, told.append)
    result = read_result(folder)
    assert result is not None
    assert (result.error, result.version) == ("", plan.version)
    assert (folder / "verdict.png").is_file()
    manifest, arrays = read_model(house.store.folder(KIND, plan.version))
    assert manifest.parent == plan.live
    again = tmp_path_factory.mktemp("again")
    other = ModelStore(again / "models")
    stored = stored_router(other)
    other.promote(KIND, stored.name)
    folder, plan = plan_for(again, other)
    await near().launch(folder, told.append)
    expected = read_model(other.folder(KIND, plan.version))[1]
    assert arrays.keys() == expected.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, expected[name])


async def test_a_training_that_is_given_up_ends_on_the_node_and_leaves_nothing(
    cluster: Cluster, store: ModelStore, tmp_path: Path
) -> None:
    stored = stored_router(store)
    store.promote(KIND, stored.name)
    folder, plan = plan_for(tmp_path / "home", store)
    work = asyncio.create_task(ClusterTrainer(BagEncoder)(folder, lambda _: None))
    await asyncio.sleep(0.5)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert read_result(folder) is None
    assert not store.folder(KIND, plan.version).exists()


async def test_a_trainer_that_dies_is_told_as_a_run_that_failed(
    store: ModelStore, cluster: Cluster, tmp_path: Path
) -> None:
    store.promote(KIND, stored_router(store).name)
    folder, _ = plan_for(tmp_path / "home", store)
    with pytest.raises(RunError, match="lost while it trained"):
        await ClusterTrainer(deadly_encoder)(folder, lambda _: None)


class Idle:
    """An application that has no process until it is asked."""


def test_what_a_bot_does_not_use_is_removed_and_what_is_not_dawens_stays(cluster: Cluster) -> None:
    visit, mine = RayVisit(SMALL), sorted(SMALL.applications.values())
    idle = serve.deployment(Idle, autoscaling_config={"min_replicas": 0}).bind()
    names = ("dawen-encoder-00000000", "dawen-of-others")
    serve.run_many([serve.RunTarget(idle, name=name, route_prefix=None) for name in names])
    census = visit.census()
    assert (census.nodes, census.cpus, census.gpus, sorted(census.mine("running"))) == (2, 6, 0, mine)
    (old,) = [found.name for found in census.applications if not found.mine]
    assert old == "dawen-encoder-00000000"
    visit.remove([old])
    assert sorted(serve.status().applications) == sorted([*mine, "dawen-of-others"])
    assert [found.name for found in visit.census().applications] == mine
    visit.remove(["dawen-of-others"])


def test_the_next_bot_of_the_same_settings_finds_the_models(cluster: Cluster) -> None:
    before = serve.status().applications
    assert open_models(AUTO, SMALL).ask("encoder", "about") == cluster.ask("encoder", "about")
    assert serve.status().applications == before
    assert len(before) == len(fields(SMALL)) + 1  # the router's replicas have an encoder of their own
    assert len(ray.nodes()) == 2


OUTSIDE = """
import sys
from bot.remote.cluster import open_models
from bot.remote.connection import connected
from bot.remote.twins import RemoteEncoder, RemoteGenerator
from bot.remote.visiting import RayVisit
from nlp.generator import Budget, Task
from nlp.reader import Reading
from tests.support.clusters import SMALL

with connected(sys.argv[1]):
    cluster = open_models(sys.argv[1], SMALL)
    encoder, generator = RemoteEncoder(cluster, SMALL.encoder), RemoteGenerator(cluster)
    print(encoder.fingerprint, encoder.encode(["hello"]).vectors.shape, cluster.there)
    print(list(generator.stream(Task("nine o'clock", "en", Reading((), 0.0)), Budget.start())))
    print(len(RayVisit(SMALL).census().mine("running")))
"""


def test_a_bot_outside_of_the_cluster_finds_the_same_models(cluster: Cluster, outside_port: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OUTSIDE, f"ray://127.0.0.1:{outside_port}"], capture_output=True, text=True, timeout=240
    )
    assert done.stdout.splitlines() == [f"bag (1, {DIMENSION}) True", '["nine o\'clock "]', "5"], done.stderr[-2000:]
