"""Training a router of any architecture, and storing what came out.

`FusedConfig` trains the default in seconds, also where there is no GPU.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from numpy.typing import NDArray

from nlp.encoder import Encoder
from nlp.model_store import Manifest, ModelStore
from nlp.router import KIND, Router
from nlp.training import Steps
from nlp.training.checks import check_examples
from nlp.training.data import Example, snapshot
from nlp.training.fused import FusedConfig, train_fused
from nlp.training.run_report import report_files
from nlp.training.runlog import RunLog

RouterConfig = FusedConfig
DEFAULT = FusedConfig()


def train_router(examples: Sequence[Example], encoder: Encoder, config: RouterConfig = DEFAULT) -> Steps[Router]:
    """Train a router on `examples`; rows labelled "out_of_scope" or "oos" teach what is out of scope.

    Raises:
        DataError: fewer than two intents, or no intent with two examples.
        EncoderError: the encoder gives something that is no vector of numbers.
    """
    check_examples(examples)
    return (yield from train_fused(examples, encoder, config))


def save_router(
    router: Router,
    store: ModelStore,
    examples: Sequence[Example],
    config: RouterConfig,
    log: RunLog | None = None,
    **details: Any,
) -> Manifest:
    """Store a trained router as a new version, with the report of its run. `details`: sources, scores and parent."""
    manifest, arrays = describe_router(router, examples, config, **details)
    return store.save(manifest, arrays, report_files(log, manifest, examples) if log else {})


def describe_router(
    router: Router,
    examples: Sequence[Example],
    config: RouterConfig,
    *,
    sources: Sequence[str] = (),
    scores: dict[str, float] | None = None,
    parent: str | None = None,
) -> tuple[Manifest, dict[str, NDArray[Any]]]:
    """The manifest and arrays to store a trained router with."""
    configuration, arrays = router.to_arrays()
    manifest = Manifest(
        kind=KIND,
        architecture=router.scorer.architecture,
        configuration={**configuration, "training": asdict(config)},
        data=snapshot(examples, sources),
        seed=config.seed,
        scores=scores or {},
        parent=parent,
    )
    return manifest, arrays
