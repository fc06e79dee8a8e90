"""Models on disk: a folder that explains itself, written whole or not at all, checked when it is read.

    <root>/<kind>/<version>/manifest.json        what it is, where it came from, how good it was
    <root>/<kind>/<version>/model.safetensors    its arrays
    <root>/<kind>/<version>/report.html, .json   how its training went
    <root>/<kind>/<version>/verdict.json         what was found of it later, and is no part of it
    <root>/<kind>/current                        the version that serves: a small file, replaced atomically

No pickle anywhere: arrays are safetensors, the rest is JSON.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as package_version
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from nlp import folders
from nlp.errors import ModelError
from nlp.folders import new_folder, sha256, sync

FORMAT = 1
_WEIGHTS = "model.safetensors"
MANIFEST = "manifest.json"
CURRENT = "current"
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}")
_CONTENT = "the model"
_NO_TEXTS: Mapping[str, str] = {}
_LIBRARIES = ("torch", "transformers", "numpy", "safetensors")

Arrays = dict[str, NDArray[Any]]
T = TypeVar("T")


@dataclass(frozen=True)
class DataSnapshot:
    """What a model was trained on: the SHA-256 over its rows, their number, and where they came from."""

    sha256: str
    rows: int
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """What a model folder says of itself. `files` maps names to SHA-256, `scores` names to fractions."""

    kind: str
    architecture: str
    configuration: Mapping[str, Any]
    data: DataSnapshot
    seed: int
    scores: Mapping[str, float] = field(default_factory=dict)
    parent: str | None = None
    version: str = ""
    created_at: str = ""
    libraries: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT


def write_model(folder: Path, manifest: Manifest, arrays: Arrays, texts: Mapping[str, str] = _NO_TEXTS) -> Manifest:
    """Write a model to `folder`, replacing nothing: it appears complete, or not at all.

    `texts` are further files of the folder by name, such as the report of the run that made the model.

    Returns:
        The manifest as written, with version, time, libraries and file hashes filled in.

    Raises:
        ModelError: `folder` exists and is not empty, or cannot be written.
    """
    try:
        with new_folder(folder, _CONTENT, ModelError) as scratch:
            return _fill(scratch, manifest, arrays, texts, folder.name)
    except SafetensorError as error:  # how its writer tells of a full disk
        raise ModelError(f"{_CONTENT} was not saved to {str(folder)!r}: {error}") from error


def check_unused(folder: Path) -> None:
    """Make sure that a model may be written to `folder`, before time is spent on training one.

    Raises:
        ModelError: `folder` is a file, or a folder that is not empty.
    """
    folders.check_unused(folder, _CONTENT, ModelError)


def _fill(scratch: Path, manifest: Manifest, arrays: Arrays, texts: Mapping[str, str], version: str) -> Manifest:
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, scratch / _WEIGHTS)
    for name, text in texts.items():
        (scratch / name).write_text(text, encoding="utf-8")
    stamp = datetime.now(UTC).isoformat(timespec="seconds")
    filled = {
        **asdict(manifest),
        "version": version,
        "created_at": stamp,
        "libraries": library_versions(),
        "files": {name: sha256(scratch / name) for name in (_WEIGHTS, *texts)},
    }
    (scratch / MANIFEST).write_text(json.dumps(filled, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return _parse(filled)


def read_model(folder: Path) -> tuple[Manifest, Arrays]:
    """The manifest and arrays of a model folder, after checking every hash.

    Raises:
        ModelError: missing, damaged, or of another format.
    """
    manifest = read_manifest(folder)
    for name, expected in manifest.files.items():
        path = folder / name
        if Path(name).name != name or not path.is_file() or sha256(path) != expected:
            raise ModelError(f"model file {str(path)!r} is missing or damaged: train it again, or go back a version")
    try:
        return manifest, load_file(folder / _WEIGHTS)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"model {str(folder)!r} cannot be read: train it again, or go back a version") from error


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a model folder, without reading its arrays.

    Raises:
        ModelError: there is none, or it is not of this format.
    """
    path = folder / MANIFEST
    try:
        manifest = _parse(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ModelError(f"{str(path)!r} is not the manifest of a model: choose another folder") from error
    if manifest.format != FORMAT:
        raise ModelError(
            f"model {str(folder)!r} has format {manifest.format}, this version reads {FORMAT}: train it again"
        )
    return manifest


def write_extra(folder: Path, name: str, value: Mapping[str, Any]) -> None:
    """Put what was found of a stored model beside it, in a JSON file that replaces an earlier one whole or not at all.

    Raises:
        ModelError: the folder holds no model, `name` is a file of the model itself, or it cannot be written.
    """
    if Path(name).name != name or name in {MANIFEST, *read_manifest(folder).files}:
        raise ModelError(f"{name!r} cannot be added to model {str(folder)!r}: choose another name")
    path, scratch = folder / name, folder / f".new-{name}"
    try:
        scratch.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        sync(scratch)
        scratch.replace(path)
        sync(folder)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        raise ModelError(f"{str(path)!r} cannot be written: {error.strerror}") from error


def read_extra(folder: Path, name: str) -> dict[str, Any] | None:
    """What `write_extra` put there, or None where there is nothing that can be read."""
    try:
        value = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def _parse(raw: dict[str, Any]) -> Manifest:
    data = raw["data"]
    snapshot = DataSnapshot(data["sha256"], data["rows"], tuple(data["sources"]))
    return Manifest(**{**raw, "data": snapshot})


class ModelStore:
    """All versions of all kinds of models below one folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def folder(self, kind: str, version: str) -> Path:
        """The folder of a version, which need not exist.

        Raises:
            ModelError: `version` is not a plain name.
        """
        if not _VERSION.fullmatch(version):
            raise ModelError(
                f"{version!r} is not the name of a model version: see the folder {str(self._root / kind)!r}"
            )
        return self._root / kind / version

    def save(self, manifest: Manifest, arrays: Arrays, texts: Mapping[str, str] = _NO_TEXTS) -> Manifest:
        """Store a new version and name it by time and content; the serving version stays as it is.

        Raises:
            ModelError: it cannot be written; nothing of it is left.
        """
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        content = hashlib.sha256(b"".join(array.tobytes()[:65536] for array in arrays.values())).hexdigest()[:6]
        return write_model(self._unused(manifest.kind, f"{stamp}-{content}"), manifest, arrays, texts)

    def _unused(self, kind: str, name: str) -> Path:
        folders = (self.folder(kind, name if number == 1 else f"{name}-{number}") for number in count(1))
        return next(folder for folder in folders if not folder.exists())

    def promote(self, kind: str, version: str) -> None:
        """Make `version` the one that serves.

        Raises:
            ModelError: there is no such version, or the pointer cannot be written.
        """
        read_manifest(self.folder(kind, version))
        pointer = self._root / kind / CURRENT
        scratch = pointer.with_suffix(".new")
        try:
            scratch.write_text(version + "\n", encoding="utf-8")
            sync(scratch)
            scratch.replace(pointer)
            sync(pointer.parent)
        except OSError as error:
            scratch.unlink(missing_ok=True)
            raise ModelError(f"{str(pointer)!r} cannot be written: {error.strerror}") from error

    def current(self, kind: str) -> str | None:
        """The version that serves, or None when none was ever promoted."""
        try:
            return (self._root / kind / CURRENT).read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError):
            return None

    def versions(self, kind: str) -> list[str]:
        """All stored versions of a kind, oldest first."""
        folder = self._root / kind
        return sorted(path.parent.name for path in folder.glob(f"[!.]*/{MANIFEST}")) if folder.is_dir() else []

    def remove(self, kind: str, version: str) -> None:
        """Remove a version that does not serve.

        Raises:
            ModelError: it serves, there is no such version, or it cannot be removed.
        """
        folder = self.folder(kind, version)
        if version == self.current(kind) or not folder.is_dir():
            raise ModelError(f"{kind} {version!r} serves or does not exist, so it cannot be removed: choose another")
        try:
            shutil.rmtree(folder)
        except OSError as error:
            raise ModelError(f"{str(folder)!r} cannot be removed: {error.strerror}") from error

    def share(self, kind: str, version: str) -> None:
        """Make a version available to all processes that serve from this store; in one folder, it is.

        Raises:
            ModelError: it cannot be; so for all that follows.
        """

    def fetch(self, kind: str, version: str) -> None:
        """Have a version here, whole, that another process has shared; in one folder, it is."""

    def follow(self, kinds: Collection[str]) -> None:
        """Let what another process has put into service serve here; in one folder, it does."""

    def catch_up(self, kinds: Collection[str]) -> None:
        """Have all versions here that others have shared, whole, and what serves."""


def below(named: Mapping[str, T], name: str) -> dict[str, T]:
    """What is named `name.…`, by the rest of the names."""
    return {key[len(name) + 1 :]: value for key, value in named.items() if key.startswith(f"{name}.")}


def library_versions() -> dict[str, str]:
    """The versions of the libraries that a model depends on, of those that are installed."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = package_version(name)
        except PackageNotFoundError:
            continue
    return found
