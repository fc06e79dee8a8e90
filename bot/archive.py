"""Archives of a home folder: a compressed tar whose last entry names every other with its size and SHA-256.

They are written whole or not at all, and nothing is taken from one before all of it is checked.
"""

import hashlib
import json
import os
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from bot.errors import BackupError
from nlp.folders import sync

FORMAT = 1
MANIFEST = "manifest.json"
_BLOCK = 1 << 20
_DAMAGED = (  # what reading something else, or names that get into each other's way, end with
    *(tarfile.TarError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError),
    *(FileExistsError, NotADirectoryError, IsADirectoryError),
)
_MANIFEST_MOST = 64 << 20


class ArchiveWriter:
    """Puts files into an archive, and remembers what it put there."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.files: dict[str, dict[str, object]] = {}

    def add(self, name: str, path: Path) -> bool:
        """Put a file in as it is now; false where it has gone meanwhile."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return False
        with file:
            status = os.fstat(file.fileno())
            entry = _entry(name, status.st_size)
            entry.mtime = status.st_mtime
            hashed = _Hashing(file)
            self._tar.addfile(entry, hashed)  # type: ignore[arg-type]  # it only reads
        self.files[name] = {"sha256": hashed.sha256.hexdigest(), "size": entry.size}
        return True

    def close(self, facts: Mapping[str, object]) -> None:
        """Put in the list of all files with `facts` beside it."""
        text = json.dumps({"format": FORMAT, **facts, "files": self.files}, ensure_ascii=False, indent=1).encode()
        with tempfile.TemporaryFile() as file:
            file.write(text)
            file.seek(0)
            self._tar.addfile(_entry(MANIFEST, len(text)), file)


class _Hashing:
    """A file that is hashed as it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self.sha256.update(data)
        return data


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


@contextmanager
def new_archive(target: Path) -> Iterator[ArchiveWriter]:
    """A new archive, readable by its owner alone: it appears at `target` when the block ends well, else nothing does.

    Raises:
        BackupError: there is something at `target` already, or it cannot be written.
    """
    if target.exists():
        raise BackupError(f"{str(target)!r} exists already: choose another name")
    try:
        number, name = tempfile.mkstemp(prefix=".new-", dir=target.parent)
        os.close(number)
    except OSError as error:
        raise BackupError(f"{str(target.parent)!r} cannot be written ({error.strerror}): choose another") from error
    scratch = Path(name)
    try:
        with tarfile.open(scratch, "w:gz", compresslevel=6) as tar:
            yield ArchiveWriter(tar)
        sync(scratch)
        scratch.replace(target)
        sync(target.parent)
    except OSError as error:
        raise BackupError(f"{str(target)!r} was not written ({error.strerror}): free some space") from error
    finally:
        scratch.unlink(missing_ok=True)


def extract(archive: Path, folder: Path) -> dict[str, Any]:
    """Write an archive's files into `folder` and check them all; what it says of itself.

    Only plain files with names that stay below the folder are taken; owners and permissions are not.

    Raises:
        BackupError: it is no archive of this kind, or damaged, or does not fit on the disk.
    """
    try:
        with tarfile.open(archive, "r:gz") as tar:
            found = dict(_extract_one(tar, entry, folder) for entry in tar)
        return _checked(archive, found, folder / MANIFEST)
    except FileNotFoundError as error:
        raise BackupError(f"there is no file {str(archive)!r}: check its name") from error
    except _DAMAGED as error:
        raise BackupError(f"{str(archive)!r} is damaged or no backup of Dawen: use another") from error
    except OSError as error:
        raise BackupError(
            f"{str(archive)!r} cannot be restored ({error.strerror or 'it is damaged or no backup of Dawen'}): "
            "check the file and the space on the disk"
        ) from error


def _extract_one(tar: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path) -> tuple[str, dict[str, object]]:
    name = PurePosixPath(entry.name)
    if not entry.isreg() or name.is_absolute() or ".." in name.parts or "\\" in entry.name or ":" in entry.name:
        raise ValueError(entry.name)
    source = tar.extractfile(entry)
    if source is None or (entry.name == MANIFEST and entry.size > _MANIFEST_MOST):
        raise ValueError(entry.name)
    target = folder.joinpath(*name.parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    hashed = _Hashing(source)
    with target.open("xb") as file:  # a name that comes twice is refused
        while data := hashed.read(_BLOCK):
            file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return entry.name, {"sha256": hashed.sha256.hexdigest(), "size": target.stat().st_size}


def _checked(archive: Path, found: dict[str, dict[str, object]], manifest: Path) -> dict[str, Any]:
    del found[MANIFEST]
    said: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.unlink()
    if said["format"] != FORMAT:
        raise BackupError(f"{str(archive)!r} has format {said['format']}, this version reads {FORMAT}: update Dawen")
    listed = said["files"]
    wrong = sorted(name for name in {*listed, *found} if listed.get(name) != found.get(name))
    if wrong:
        raise BackupError(f"{wrong[0]!r} in {str(archive)!r} is missing, damaged or not listed: use another backup")
    return said
