"""A Ray cluster with Dawen's models on it: filled once for all bots of the same settings, and asked."""

import asyncio
import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import ray
from ray import serve
from ray.exceptions import ActorDiedError, ActorUnavailableError, RayError, RayTaskError
from ray.serve.exceptions import RayServeException
from ray.serve.handle import DeploymentHandle
from ray.serve.schema import LoggingConfig

from bot.errors import ClusterAway, StartError
from bot.remote import replicas
from bot.remote.connection import AUTO
from bot.remote.recipes import Kind, Recipe

_log = logging.getLogger(__name__)
LANES = 16  # calls under way at the same time from one process
_CLASSES: dict[Kind, type] = {
    "encoder": replicas.EncoderReplica,
    "router": replicas.RouterReplica,
    "spans": replicas.SpanReplica,
    "reranker": replicas.RerankerReplica,
    "generator": replicas.GeneratorReplica,
}
_MOST_REPLICAS = 64  # of one kind; what the nodes have decides before that
_WAITING_EACH = 4  # calls under way at a replica above which another is started
_READY_SECONDS = 300.0
_ANSWER_SECONDS = 15.0
_AWAY_SECONDS = 30.0  # that a cluster which gave no answer is left alone
_QUIET = LoggingConfig(enable_access_log=False, log_level="WARNING")
_GONE = (ActorDiedError, ActorUnavailableError)


class Cluster:
    """Asks the models on a cluster, from any thread. `streams` is whether it can send results piece by piece."""

    def __init__(self, handles: dict[Kind, DeploymentHandle[Any]], *, streams: bool) -> None:
        self._handles = handles
        self._away_until = 0.0
        self._elsewhere = ThreadPoolExecutor(1, thread_name_prefix="cluster")
        self.streams = streams

    @property
    def there(self) -> bool:
        """False for a while after it gave no answer."""
        return time.monotonic() >= self._away_until

    def ask(self, kind: Kind, method: str, *args: Any, within: float = _ANSWER_SECONDS) -> Any:
        """What a replica answers within so many seconds; one that is lost meanwhile is replaced by another.

        Raises:
            ClusterAway: none answers in time, now or a moment ago. Whatever the model itself raises.
        """
        if _on_a_loop():
            return self._elsewhere.submit(self._ask, kind, method, args, within).result()
        return self._ask(kind, method, args, within)

    def _ask(self, kind: Kind, method: str, args: Sequence[Any], within: float) -> Any:
        if not self.there:
            raise ClusterAway("the cluster does not answer")
        for left in (1, 0):
            try:
                return getattr(self._handles[kind], method).remote(*args).result(timeout_s=within)
            except RayTaskError as error:
                raise _own(error) from error
            except (RayError, RayServeException, OSError) as error:
                if not (left and isinstance(error, _GONE)):
                    raise self._lost(error) from error
        raise AssertionError  # unreachable: the second try returns or raises

    def stream(self, kind: Kind, method: str, *args: Any) -> Iterator[Any]:
        """What a replica yields; closing the iterator ends it there.

        Raises:
            ClusterAway, and what the model itself raises, as `ask` does.
        """
        if not self.there:
            raise ClusterAway("the cluster does not answer")
        response = getattr(self._handles[kind].options(stream=True), method).remote(*args)
        try:
            yield from response
        except RayTaskError as error:
            raise _own(error) from error
        except (RayError, RayServeException, OSError) as error:
            raise self._lost(error) from error
        finally:
            response.cancel()

    def close(self) -> None:
        """Let go of the handles, which otherwise tell the cluster of themselves when the connection has ended."""
        for handle in self._handles.values():
            with suppress(RayError, RayServeException, OSError, TimeoutError):
                handle.shutdown()
        self._elsewhere.shutdown()

    def _lost(self, error: Exception) -> ClusterAway:
        if self.there:
            _log.warning("the cluster does not answer (%s); this process computes meanwhile", type(error).__name__)
        self._away_until = time.monotonic() + _AWAY_SECONDS
        return ClusterAway("the cluster does not answer")


def _on_a_loop() -> bool:
    """True in the thread of an event loop, where models are asked while the bot starts; there Ray refuses to wait."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def open_models(address: str, recipe: Recipe) -> Cluster:
    """The models of a recipe on the connected cluster, where another bot has put them or else put there now.

    Raises:
        StartError: they do not start there.
    """
    serve.start(proxy_location="Disabled")
    opens, names = recipe.opens, recipe.applications
    known = {name for name, found in serve.status().applications.items() if found.status != "DEPLOY_FAILED"}
    fresh = [kind for kind, name in names.items() if name not in known]
    gpus = ray.cluster_resources().get("GPU", 0.0)
    targets = [
        serve.RunTarget(_deployment(kind, gpus).bind(opens[kind]), name=names[kind], route_prefix=None)
        for kind in fresh
    ]
    if targets:
        serve.run_many(targets, wait_for_applications_running=False)
    _wait_for(set(names.values()))
    return Cluster({kind: serve.get_app_handle(name) for kind, name in names.items()}, streams=address == AUTO)


def _deployment(kind: Kind, gpus: float) -> Any:
    return serve.deployment(
        _CLASSES[kind],
        name=kind,
        ray_actor_options={"num_cpus": 1, "num_gpus": _gpu_share(kind, gpus)},
        autoscaling_config={
            "min_replicas": 1,
            "max_replicas": _MOST_REPLICAS,
            "target_ongoing_requests": _WAITING_EACH,
        },
        max_ongoing_requests=4 * LANES,
        logging_config=_QUIET,
    )


def _gpu_share(kind: Kind, gpus: float) -> float:
    """How much of a GPU a replica takes: small models share one, a chat model has its own where there are several."""
    if not gpus:
        return 0.0
    if kind == "generator":
        return 1.0 if gpus > 1 else 0.4
    return 0.15


def _wait_for(names: set[str]) -> None:
    """Until all are running.

    Raises:
        StartError: one fails, or takes too long.
    """
    deadline = time.monotonic() + _READY_SECONDS
    while True:
        found = serve.status().applications
        states = {name: found[name].status for name in names if name in found}
        waiting = sorted(names - {name for name, state in states.items() if state == "RUNNING"})
        if not waiting:
            return
        if "DEPLOY_FAILED" in states.values() or time.monotonic() > deadline:
            raise StartError(
                f"{waiting[0]!r} does not start on the cluster: install the same Dawen on every node, look whether "
                "'ray status' shows a free CPU for each model, and read its log there"
            )
        time.sleep(0.2)


def _own(error: RayTaskError) -> Exception:
    """What the model raised, without Ray's account of where."""
    return error.cause if isinstance(error.cause, Exception) else error
