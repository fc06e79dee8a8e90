"""Training a router of any architecture, and storing what came out.

The configuration says which: `FusedConfig` trains the default in seconds, also where there is no GPU; `LstmConfig` and
`TransformerConfig` (`nlp.training.configs`) train networks by gradient steps.
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from nlp.encoder import Encoder
from nlp.model_store import Manifest, ModelStore
from nlp.router import KIND, Router
from nlp.training import Steps
from nlp.training.checks import check_examples, teaching
from nlp.training.configs import FusedConfig, LstmConfig, TransformerConfig
from nlp.training.data import Example, snapshot
from nlp.training.fused import train_fused
from nlp.training.run_report import report_files
from nlp.training.runlog import RunLog

AnyConfig = FusedConfig | LstmConfig | TransformerConfig
CONFIGS: dict[str, type[AnyConfig]] = {"fused": FusedConfig, "transformer": TransformerConfig, "lstm": LstmConfig}
DEFAULT = FusedConfig()


def train_router(
    examples: Sequence[Example],
    encoder: Encoder,
    config: AnyConfig = DEFAULT,
    valid: Sequence[Example] = (),
    checkpoint: Path | None = None,
) -> Steps[Router]:
    """Train a router on `examples`; rows labelled "out_of_scope" or "oos" teach what is out of scope.

    A row of weight 0 does not teach. Between other weights only the fused architecture makes a difference.
    Networks stop early and are calibrated on `valid`, else on a share of the examples, and can be resumed from the
    folder `checkpoint`; the fused architecture, which trains in seconds, needs neither.

    Raises:
        DataError: fewer than two intents, no intent with two examples, or a setting that cannot be had here.
        EncoderError: the encoder gives something that is no vector of numbers.
        ModelError: the checkpoint is of another run, or cannot be written.
    """
    examples = teaching(examples)
    check_examples(examples)
    if isinstance(config, LstmConfig):
        from nlp.training.lstm import train_lstm

        return (yield from train_lstm(examples, config, valid, checkpoint))
    if isinstance(config, TransformerConfig):
        from nlp.training.transformer import train_transformer

        return (yield from train_transformer(examples, config, valid, checkpoint))
    return (yield from train_fused(examples, encoder, config))


def save_router(
    router: Router,
    store: ModelStore,
    examples: Sequence[Example],
    config: AnyConfig,
    log: RunLog | None = None,
    **details: Any,
) -> Manifest:
    """Store a trained router as a new version, with the report of its run. `details`: sources, scores and parent."""
    manifest, arrays = describe_router(router, examples, config, **details)
    return store.save(manifest, arrays, report_files(log, manifest, examples) if log else {})


def describe_router(
    router: Router,
    examples: Sequence[Example],
    config: AnyConfig,
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
