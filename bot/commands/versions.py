"""`dawen models list`, `show`, `promote` and `rollback`, for all kinds."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot import console
from bot.app import check_home, open_database
from bot.errors import SettingsError
from bot.learned import open_models
from bot.parts import HOT, KINDS, load_part
from bot.rollout import Rollouts
from bot.settings import Settings
from bot.sites import open_encoder
from bot.verdict_replies import verdict_rows
from nlp.errors import ModelError
from nlp.learning.verdict import FILE as VERDICT
from nlp.model_store import Manifest, ModelStore, read_extra, read_manifest, read_model
from nlp.router import KIND


def router_folder(settings: Settings, store: ModelStore, version: str | None) -> Path:
    """The folder of a router's version, or of the one that serves.

    Raises:
        ModelError: none serves yet, or the name is not one of a version.
    """
    chosen = version or store.current(KIND)
    if chosen is None:
        raise ModelError(f"no router serves in {str(settings.models_folder)!r} yet: run 'dawen train router'")
    return store.folder(KIND, chosen)


def list_versions(settings: Settings, *, as_json: bool) -> None:
    """List the versions of each kind, oldest first."""
    store = open_models(settings)
    found = [_summary(store, kind, version) for kind in KINDS for version in store.versions(kind)]
    if as_json:
        console.print_json({"versions": found})
        return
    mark = {True: "serves", False: ""}
    rows: list[tuple[object, ...]] = [
        (v["kind"], v["version"], mark[v["serves"]], v["parent"] or "–", v["mb"], v["scores"].get("accuracy", "–"))
        for v in found
    ]
    console.print_table(rows, "kind", "version", "", "parent", "MB", "accuracy")


def _summary(store: ModelStore, kind: str, version: str) -> dict[str, Any]:
    folder = store.folder(kind, version)
    manifest = read_manifest(folder)
    size = sum(path.stat().st_size for path in folder.iterdir())
    return {
        "kind": kind,
        "version": version,
        "serves": version == store.current(kind),
        "architecture": manifest.architecture,
        "parent": manifest.parent,
        "created_at": manifest.created_at,
        "rows": manifest.data.rows,
        "mb": round(size / 1e6, 2),
        "scores": {name: round(score, 4) for name, score in manifest.scores.items()},
    }


def show_version(settings: Settings, version: str | None, *, as_json: bool) -> None:
    """Show what a version says of itself, and the verdict that let it serve or kept it out."""
    folder = _any_folder(settings, version)
    manifest, verdict = read_manifest(folder), read_extra(folder, VERDICT)
    if as_json:
        console.print_json(asdict(manifest) | ({"verdict": verdict} if verdict else {}))
        return
    facts: list[tuple[object, ...]] = [(name, value) for name, value in _facts(manifest) if value]
    console.print_table([*facts, *(verdict_rows(verdict) if verdict else [])], "fact", "value")


def _any_folder(settings: Settings, version: str | None) -> Path:
    """The folder of a version, of whatever kind it is; of the router that serves where none is named."""
    store = open_models(settings)
    kind = _kind_of(store, version)
    return store.folder(kind, version) if version and kind != KIND else router_folder(settings, store, version)


def _kind_of(store: ModelStore, version: str | None) -> str:
    """The kind that a version is of; the router's for what is not known."""
    return next((kind for kind in KINDS if version in store.versions(kind)), KIND)


def _facts(manifest: Manifest) -> list[tuple[str, object]]:
    heads = manifest.configuration.get("calibration", {}).get("heads", [])
    return [
        ("version", manifest.version),
        ("architecture", manifest.architecture),
        ("made", manifest.created_at),
        ("parent", manifest.parent),
        ("examples", manifest.data.rows),
        ("sources", ", ".join(manifest.data.sources)),
        ("data", manifest.data.sha256[:12]),
        ("labels", ", ".join(str(len(head["labels"])) for head in heads)),
        ("encoder", manifest.configuration.get("scorer", {}).get("encoder")),
        *[(f"score {name}", f"{score:.4f}") for name, score in manifest.scores.items()],
        *[(f"training {name}", str(value)) for name, value in manifest.configuration.get("training", {}).items()],
        *[(f"library {name}", value) for name, value in manifest.libraries.items()],
    ]


async def promote(settings: Settings, version: str, *, as_json: bool) -> None:
    """Make a version, of whatever kind, the one that serves.

    Raises:
        ModelError: there is no such version, or it cannot be loaded.
    """
    check_home(settings.home)
    store = open_models(settings)
    kind = _kind_of(store, version)
    before = store.current(kind)
    _check(settings, kind, store.folder(kind, version))
    if version != before:
        async with open_database(settings) as database:
            await Rollouts(settings, database).offer(kind, version, before)
    _tell(kind, version, before, as_json=as_json)


def _check(settings: Settings, kind: str, folder: Path) -> None:
    """Make sure that a version can serve, as far as that can be told without its generator."""
    if kind in HOT:
        load_part(kind, folder, open_encoder(settings))
    else:
        read_model(folder)


async def rollback(settings: Settings, kind: str, *, as_json: bool) -> None:
    """Make what served before the serving version of a kind serve again.

    Raises:
        SettingsError: there is no such kind. ModelError: none serves, or none served before.
    """
    if kind not in KINDS:
        raise SettingsError(f"kind {kind!r} is none: use {', '.join(KINDS)}")
    check_home(settings.home)
    store = open_models(settings)
    before = store.current(kind)
    async with open_database(settings) as database:
        version = await Rollouts(settings, database).roll_back(kind, "command")
    if version is None:
        serving = before or "of the bot"
        raise ModelError(f"{kind} {serving} has no earlier version to go back to: see 'dawen models list'")
    _tell(kind, version, before, as_json=as_json)


def _tell(kind: str, version: str, before: str | None, *, as_json: bool) -> None:
    if as_json:
        console.print_json({"version": version, "before": before})
        return
    when = "a bot that runs takes it up within a minute" if kind in HOT else "from the next start of the bot on"
    console.out.print(f"{kind} {version} serves: {when}", markup=False)
