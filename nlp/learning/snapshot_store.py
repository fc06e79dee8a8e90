"""Snapshots on disk: a folder that appears whole or not at all, is checked when read, and can forget.

    manifest.json         what it is: SHA-256, time, policy, counts, and the name and hash of its rows
    rows-<hash>.jsonl     the rows, one JSON object a line

The name of the rows is in the manifest, which is replaced in one step: whoever reads sees the old rows or the new.
"""

import hashlib
import json
import os
from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from nlp.errors import DataError
from nlp.folders import new_folder, sha256, sync
from nlp.learning.samples import Policy, Row, Snapshot, Source
from nlp.learning.snapshot import fingerprint

FORMAT = 1
_MANIFEST = "manifest.json"
_REMEDY = "freeze a new one"


def write(folder: Path, snapshot: Snapshot) -> None:
    """Write a snapshot to `folder`, replacing nothing: it appears complete, or not at all.

    Raises:
        DataError: `folder` exists and is not empty, or cannot be written.
    """
    with new_folder(folder, "the snapshot", DataError) as scratch:
        name = _write_rows(scratch, snapshot)
        (scratch / _MANIFEST).write_text(_manifest(snapshot, name, sha256(scratch / name)), encoding="utf-8")


def read(folder: Path) -> Snapshot:
    """The snapshot of a folder, after checking every hash.

    Raises:
        DataError: missing, damaged, or of another format.
    """
    raw = _read_manifest(folder)
    path = folder / raw["rows"]
    try:
        if sha256(path) != raw["rows_sha256"]:
            raise DataError(f"{str(path)!r} is damaged: {_REMEDY}")
        rows = tuple(_row(json.loads(line)) for line in path.read_text(encoding="utf-8").split("\n") if line)
        snapshot = Snapshot(
            rows,
            raw["sha256"],
            datetime.fromisoformat(raw["created_at"]),
            Policy(**raw["policy"]),
            raw["report"],
            {reason: tuple(origins) for reason, origins in raw["held"].items()},
        )
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(f"the snapshot {str(folder)!r} cannot be read: {_REMEDY}") from error
    if fingerprint(rows, snapshot.policy) != snapshot.sha256:
        raise DataError(f"the snapshot {str(folder)!r} is not what its manifest says: {_REMEDY}")
    return snapshot


def without(folder: Path, origins: Collection[str] = (), writers: Collection[str] = ()) -> int:
    """Take messages out of a stored snapshot, by origin or by their writer's `writer_key`; the old bytes are
    overwritten.

    A row whose text is one of them goes; of one that only repeats another, its name goes. The snapshot's SHA-256
    changes with its rows. Safe to call again after it was cut off.

    Returns:
        How many messages it knew of them.

    Raises:
        DataError: the snapshot cannot be read or written.
    """
    snapshot = read(folder)
    gone = {
        s for row in snapshot.rows for s in row.sources if s.origin in origins or (s.writer and s.writer in writers)
    }
    held = {reason: tuple(o for o in listed if o not in origins) for reason, listed in snapshot.held.items()}
    try:
        if gone or held != snapshot.held:
            _replace_rows(folder, _forgetting(snapshot, gone, held))
        _wipe_unnamed(folder)
    except OSError as error:
        raise DataError(f"the snapshot {str(folder)!r} cannot be changed: {error.strerror}") from error
    return len(gone) + sum(map(len, snapshot.held.values())) - sum(map(len, held.values()))


def _forgetting(snapshot: Snapshot, gone: set[Source], held: dict[str, tuple[str, ...]]) -> Snapshot:
    rows = tuple(
        replace(row, sources=tuple(source for source in row.sources if source not in gone))
        for row in snapshot.rows
        if row.sources[0] not in gone
    )
    return replace(snapshot, rows=rows, sha256=fingerprint(rows, snapshot.policy), held=held)


def _replace_rows(folder: Path, snapshot: Snapshot) -> None:
    name = _write_rows(folder, snapshot)
    sync(folder / name)
    scratch = folder / f"{_MANIFEST}.new"
    scratch.write_text(_manifest(snapshot, name, sha256(folder / name)), encoding="utf-8")
    sync(scratch)
    scratch.replace(folder / _MANIFEST)
    sync(folder)


def _wipe_unnamed(folder: Path) -> None:
    """Overwrite and remove every file of rows that the manifest does not name."""
    named = _read_manifest(folder)["rows"]
    for path in [*folder.glob("rows-*.jsonl"), *folder.glob("*.new")]:
        if path.name != named:
            with path.open("r+b") as file:
                file.write(bytes(path.stat().st_size))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
    sync(folder)


def _write_rows(folder: Path, snapshot: Snapshot) -> str:
    content = "".join(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in snapshot.rows)
    name = f"rows-{hashlib.sha256(content.encode()).hexdigest()[:12]}.jsonl"
    (folder / name).write_text(content, encoding="utf-8")
    return name


def _manifest(snapshot: Snapshot, name: str, rows_sha256: str) -> str:
    said = {
        "format": FORMAT,
        "sha256": snapshot.sha256,
        "created_at": snapshot.created_at.isoformat(),
        "rows": name,
        "rows_sha256": rows_sha256,
        "policy": asdict(snapshot.policy),
        "report": snapshot.report,
        "held": snapshot.held,
    }
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / _MANIFEST
    try:
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if Path(raw["rows"]).name != raw["rows"]:
            raise ValueError(raw["rows"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(f"{str(path)!r} is not the manifest of a snapshot: choose another folder") from error
    if raw.get("format") != FORMAT:
        raise DataError(f"the snapshot {str(folder)!r} has format {raw.get('format')}, not {FORMAT}: {_REMEDY}")
    return raw


def _row(raw: dict[str, Any]) -> Row:
    return Row(**{**raw, "sources": tuple(Source(**source) for source in raw["sources"])})
