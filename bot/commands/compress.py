"""`dawen models compress`: a smaller, faster version of a router, with what that costs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bot import console
from bot.commands.versions import router_folder
from bot.errors import SettingsError
from bot.learned import open_models
from bot.progress import Progress
from bot.settings import Settings
from bot.sites import open_encoder
from nlp.compression import Trial, compress, export_onnx
from nlp.errors import DataError
from nlp.model_store import Manifest, ModelStore, check_unused, write_model
from nlp.router import KIND, Router, load_router
from nlp.training import run
from nlp.training.data import SEEDS, Example, read_examples, seed_files

_SHOWN = ("accuracy", "macro_f1", "ece", "model_mb", "route_ms_p50", "texts_per_s")
_TITLES = {"embed": "Reading the examples", "tune": "Tuning what is left"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to do to a router: at least one of `int8`, `prune` and `onnx`."""

    int8: bool = False
    prune: float = 0.0
    onnx: Path | None = None
    test: Path | None = None
    train: Path | None = None
    out: Path | None = None


def compress_router(settings: Settings, version: str | None, wanted: Wanted, *, as_json: bool) -> None:
    """Write a compressed router as a new version, which does not serve until it is promoted.

    Raises:
        SettingsError: nothing is asked for. ModelError: no such version, or a place that cannot be written.
    """
    if not (wanted.int8 or wanted.prune or wanted.onnx):
        raise SettingsError("nothing was asked for: use --int8, --prune SHARE or --onnx FILE")
    if wanted.out is not None:
        check_unused(wanted.out)
    router, manifest = load_router(router_folder(settings, open_models(settings), version), open_encoder(settings))
    result: dict[str, Any] = {"parent": manifest.version}
    trials: list[Trial] = []
    if wanted.int8 or wanted.prune:
        router, trials = _compress(settings, router, wanted)
        written = _write(settings, router, manifest, trials, wanted.out)
        result |= {"version": written.version, "trials": [_as_dict(trial) for trial in trials]}
    if wanted.onnx is not None:
        export_onnx(router, wanted.onnx)
        result["onnx"] = {"file": str(wanted.onnx), "mb": round(wanted.onnx.stat().st_size / 1e6, 1)}
    _report(result, trials, as_json=as_json)


def _compress(settings: Settings, router: Router, wanted: Wanted) -> tuple[Router, list[Trial]]:
    seeds = settings.seeds or SEEDS
    test = read_examples(*([wanted.test] if wanted.test else _held_out(seeds)))
    train: Sequence[Example] = ()
    if wanted.prune:
        train = read_examples(*([wanted.train] if wanted.train else seed_files(seeds)))
    steps = compress(router, test, train, int8=wanted.int8, prune=wanted.prune)
    with Progress().stages(_TITLES) as show:
        return run(steps, lambda step: show(step.stage, step.done, step.total))


def _held_out(seeds: Path) -> list[Path]:
    files = sorted(seeds.glob("*.test.jsonl"))
    if not files:
        raise DataError(f"{str(seeds)!r} has no held-out *.test.jsonl: name labelled texts with --test FILE")
    return files


def _write(settings: Settings, router: Router, old: Manifest, trials: list[Trial], out: Path | None) -> Manifest:
    configuration, arrays = router.to_arrays()
    last = next(trial for trial in reversed(trials) if trial.kept)
    manifest = replace(
        old,
        configuration={
            **configuration,
            "training": old.configuration.get("training", {}),
            "compression": [_as_dict(trial) for trial in trials],
        },
        scores={name: getattr(last.report, name) for name in ("accuracy", "macro_f1", "ece")},
        parent=old.version,
    )
    if out is not None:
        return write_model(out, manifest, arrays)
    return ModelStore(settings.models_folder).save(manifest, arrays)


def _as_dict(trial: Trial) -> dict[str, Any]:
    figures = {name: value for name, value in asdict(trial.report).items() if name in _SHOWN}
    return {"name": trial.name, "kept": trial.kept, **{name: round(value, 4) for name, value in figures.items()}}


def _report(result: dict[str, Any], trials: list[Trial], *, as_json: bool) -> None:
    if as_json:
        console.print_json(result)
        return
    if trials:
        rows = [tuple(_as_dict(trial).values()) for trial in trials]
        kept = {True: "yes", False: "no"}
        console.print_table([(row[0], kept[bool(row[1])], *row[2:]) for row in rows], "step", "kept", *_headers())
        console.out.print(
            f"{KIND} {result['version']} is written; 'dawen models promote {result['version']}' puts it into service",
            markup=False,
        )
    if "onnx" in result:
        console.out.print(f"{result['onnx']['file']}: {result['onnx']['mb']} MB", markup=False)


def _headers() -> tuple[str, ...]:
    return ("accuracy", "macro F1", "ECE", "ms p50", "texts/s", "MB")
