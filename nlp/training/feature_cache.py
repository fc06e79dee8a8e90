"""The features of texts on disk, so that a retraining embeds only what is new.

    <folder>/<digest of the encoder>/<time>-<process>.features

A file has a header (`_MAGIC`, a type, how many numbers a vector has) and records of one size: SHA-256 of the text, its
coverage, the vector, and a checksum. No text is kept. Each process writes to files of its own and only at their end, so
several may write at once, and one that is killed leaves at most a torn tail, which is not read. What is damaged is
computed anew. The oldest files go when all are larger than the bound.
"""

import hashlib
import logging
import os
import time
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nlp.architectures.fused import light_encoder
from nlp.encoder import TRUST_FLOOR, Encoded, Encoder, Role
from nlp.folders import sync

_log = logging.getLogger(__name__)
LIMIT = 512 * 2**20  # bytes for each encoder: with the bundled one, room for 170,000 texts
_MAGIC = b"dawen-features-1"
_HEADER = np.dtype([("magic", "S16"), ("type", "S4"), ("width", "<u4")])
_FILES = 8  # that share the bound: what goes at once is no more than an eighth
Precision = Literal["<f2", "<f4"]


class CachedEncoder:
    """An encoder whose `features` are kept in `folder`, within `limit` bytes for it and as much for its int8 form.

    With `precision` "<f2" vectors are kept in half precision and handed out so, too, when they are new: what is trained
    does not depend on what was in the cache. It halves the disk and costs no accuracy (CLINC150, trained and tested on
    halves 0.9649, in full 0.9638).
    """

    def __init__(
        self, encoder: Encoder, folder: Path, limit: int = LIMIT, precision: Precision = "<f2", *, form: str = ""
    ) -> None:
        self.inner = encoder
        self.fingerprint, self.reading, self.dimension = encoder.fingerprint, encoder.reading, encoder.dimension
        self._options = (folder, limit, precision)
        name = f"{encoder.fingerprint}\x1f{encoder.reading}\x1f{precision}\x1f{form}"
        self._store = _Store(folder / hashlib.sha256(name.encode()).hexdigest()[:16], limit, precision)
        self._light: CachedEncoder | None = None

    def encode(self, texts: Sequence[str], role: Role = "passage", floor: float = TRUST_FLOOR) -> Encoded:
        """See `nlp.encoder.Encoder.encode`; nothing of it is kept."""
        return self.inner.encode(texts, role, floor)

    def features(self, texts: Sequence[str]) -> Encoded:
        """See `nlp.encoder.Encoder.features`."""
        if not texts:
            return self.inner.features(texts)
        keys = [_key(text) for text in texts]
        found = self._store.read(keys)
        fresh = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if fresh:
            found |= self._store.write(list(fresh), self.inner.features(list(fresh.values())))
        rows = [found[key] for key in keys]
        vectors = np.stack([vector for vector, _ in rows]).astype(np.float32)
        return Encoded(vectors, np.array([coverage for _, coverage in rows], np.float32))

    def quantized(self) -> "CachedEncoder | None":
        """The int8 form of the encoder, whose features are kept apart; None where there is none."""
        light = light_encoder(self.inner)
        if light is not None and self._light is None:
            self._light = CachedEncoder(light, *self._options, form="int8")
        return self._light

    def forget(self, texts: Iterable[str]) -> int:
        """See the function `forget`; this encoder embeds the texts anew if it meets them again."""
        gone = forget(self._options[0], texts)
        self.reload()
        return gone

    def reload(self) -> None:
        """Read anew what is on the disk: other processes may have added to it or taken from it."""
        self._store.reload()
        if self._light:
            self._light.reload()


def forget(folder: Path, texts: Iterable[str]) -> int:
    """Take the features of these texts out of all files of the cache, whatever encoder made them.

    Returns:
        How many records went.

    Raises:
        OSError: a file cannot be written anew; it then still is as it was.
    """
    keys = {_key(text) for text in texts}
    for left in folder.glob("*/*.new"):  # of a process that was killed in here
        left.unlink(missing_ok=True)
    return sum(_without(path, keys) for path in sorted(folder.glob("*/*.features")))


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _record(precision: str, width: int) -> np.dtype[Any]:
    return np.dtype([("key", "u1", 32), ("coverage", "<f4"), ("vector", precision, width), ("check", "<u4")])


def _keys(records: NDArray[Any]) -> list[bytes]:
    raw = records["key"].tobytes()
    return [raw[start : start + 32] for start in range(0, len(raw), 32)]


def _check(record: NDArray[Any]) -> int:
    return zlib.crc32(record.tobytes()[:-4])


def _open(path: Path) -> NDArray[Any]:
    """The whole records of a file; none if it is no such file or has gone."""
    nothing = np.zeros(0, _record("<f2", 1))
    try:
        with path.open("rb") as file:
            raw = file.read(_HEADER.itemsize)
        if len(raw) < _HEADER.itemsize:
            return nothing
        header = np.frombuffer(raw, _HEADER)[0]
        if header["magic"] != _MAGIC or header["type"] not in (b"<f2", b"<f4") or not header["width"]:
            return nothing
        record = _record(header["type"].decode(), int(header["width"]))
        count = (path.stat().st_size - _HEADER.itemsize) // record.itemsize
        return np.memmap(path, record, "r", _HEADER.itemsize, (count,)) if count else nothing
    except OSError:
        return nothing


def _without(path: Path, keys: set[bytes]) -> int:
    records = _open(path)
    gone = np.array([key in keys for key in _keys(records)], bool)
    if not gone.any():
        return 0
    scratch = path.with_suffix(".new")
    with path.open("rb") as old, scratch.open("wb") as new:
        new.write(old.read(_HEADER.itemsize))
        new.write(records[~gone].tobytes())
    sync(scratch)
    scratch.replace(path)
    sync(path.parent)
    return int(gone.sum())


class _Store:
    """The files of one encoder. Nothing that goes wrong with them stops a training: it then embeds more."""

    def __init__(self, folder: Path, limit: int, precision: Precision) -> None:
        self._folder, self._limit, self._precision = folder, limit, precision
        self._files: dict[Path, NDArray[Any]] = {}
        self._places: dict[bytes, tuple[Path, int]] = {}
        self._mine: Path | None = None  # what this process appends to
        self.reload()

    def reload(self) -> None:
        """Read anew what is there."""
        self._files, self._places = {}, {}
        for path in sorted(self._folder.glob("*.features")):
            self._take(path)

    def _take(self, path: Path) -> None:
        self._files[path] = _open(path)
        self._places |= {key: (path, row) for row, key in enumerate(_keys(self._files[path]))}

    def read(self, keys: Iterable[bytes]) -> dict[bytes, tuple[NDArray[Any], float]]:
        """Vectors and coverages of those that are there, whole."""
        found = {}
        for key in keys:
            if key in self._places:
                path, row = self._places[key]
                record = self._files[path][row]
                if record["check"] == _check(record):
                    found[key] = (record["vector"], float(record["coverage"]))
        return found

    def write(self, keys: Sequence[bytes], encoded: Encoded) -> dict[bytes, tuple[NDArray[Any], float]]:
        """Append the features of these keys; returns them as they can be read."""
        records = np.zeros(len(keys), _record(self._precision, encoded.vectors.shape[1]))
        records["key"] = np.frombuffer(b"".join(keys), np.uint8).reshape(-1, 32)
        records["coverage"], records["vector"] = encoded.coverage, encoded.vectors
        records["check"] = [_check(record) for record in records]
        try:
            self._append(records)
        except OSError as error:
            self._mine = None  # it may end in a torn record
            _log.warning("the feature cache %s cannot be written: %s", self._folder, error.strerror)
        return {key: (record["vector"], float(record["coverage"])) for key, record in zip(keys, records, strict=True)}

    def _append(self, records: NDArray[Any]) -> None:
        if self._mine is None or not self._mine.exists() or self._mine.stat().st_size > self._limit // _FILES:
            self._mine = self._begin(records.dtype["vector"].shape[0])
        with self._mine.open("ab") as file:
            file.write(records.tobytes())
        self._take(self._mine)
        self._shrink()

    def _begin(self, width: int) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{time.time_ns():020d}-{os.getpid()}.features"
        path.write_bytes(np.array([(_MAGIC, self._precision.encode(), width)], _HEADER).tobytes())
        return path

    def _shrink(self) -> None:
        """Let the oldest files go until the rest is within the bound."""
        sizes = {path: path.stat().st_size for path in sorted(self._folder.glob("*.features"))}
        for path in list(sizes)[:-1]:
            if sum(sizes.values()) <= self._limit:
                return
            path.unlink(missing_ok=True)
            del sizes[path]
            if self._files.pop(path, None) is not None:
                self._places = {key: place for key, place in self._places.items() if place[0] != path}
