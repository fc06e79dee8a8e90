"""A Ray cluster of two nodes on this machine, and small models for it, which its nodes open by name."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bot.remote.recipes import Recipe
from nlp.encoder import bundled_folder
from nlp.generator import Budget, Task
from nlp.generators.base import Generator
from nlp.reranker import Reranker
from nlp.span_reader import SpanReader, pair_tokenizer
from tests.support.models import BagEncoder

if TYPE_CHECKING:
    from ray.cluster_utils import Cluster

_ROOT = Path(__file__).parents[2]
_NODE = {"num_cpus": 3, "num_gpus": 0, "object_store_memory": 100_000_000, "include_log_monitor": False}
_HEAD = {**_NODE, "include_dashboard": False, "no_monitor": True}


class EchoGenerator:
    """Says the question again, word by word; one that holds "endless" never ends by itself."""

    name, phrases = "echo", True

    def stream(self, task: Task, budget: Budget) -> Iterator[str]:
        """See `nlp.generator.Generator.stream`."""
        while True:
            for word in task.question.split():
                budget.check()
                yield f"{word} "
            if "endless" not in task.question:
                return
            budget.cancel.wait(0.01)

    def close(self) -> None:
        """See `nlp.generator.Generator.close`."""


def echo() -> Generator:
    """The generator of small models."""
    return EchoGenerator()


def word_reranker() -> Reranker:
    """Likes passages that share words with the question; stumbles over the passage "bad"."""

    def score(pairs: Sequence[tuple[str, str]]) -> list[float]:
        if any(passage == "bad" for _, passage in pairs):
            raise ValueError("a bad passage")
        return [float(len(set(question.split()) & set(passage.split()))) for question, passage in pairs]

    return Reranker(score, "words")


def id_spans() -> SpanReader:
    """Scores a text by its token ids."""

    def forward(ids: Any, mask: Any) -> tuple[Any, Any]:
        places = np.stack([ids % 7, ids % 5], axis=-1).astype(np.float32)
        return (ids * mask).sum(1).astype(np.float32), places

    return SpanReader(pair_tokenizer(bundled_folder()), forward, 256)


def deadly_encoder() -> BagEncoder:
    """Ends the process that opens it."""
    os._exit(1)


SMALL = Recipe(BagEncoder, id_spans, word_reranker, echo)


@contextmanager
def two_nodes(client_port: int) -> Iterator["Cluster"]:
    """Two nodes of three CPUs each, whose processes find the modules of the tests; others may call on a port.

    On the nodes gRPC does not watch forks, since in them it crashes at times (docs/scaling.md).
    """
    import pytest  # here, since nodes do without them
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(_ROOT))
        patch.setenv("GRPC_ENABLE_FORK_SUPPORT", "0")
        cluster = Cluster(initialize_head=True, head_node_args={**_HEAD, "ray_client_server_port": client_port})
        patch.setenv("RAY_ADDRESS", cluster.address)
        try:
            cluster.add_node(**_NODE)
            cluster.wait_for_nodes()
            yield cluster
        finally:
            cluster.shutdown()
