"""New folders that appear complete, or not at all."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def check_unused(folder: Path, content: str, error: type[Exception]) -> None:
    """Make sure that `content` may be written to `folder`, before time is spent on making it.

    Raises:
        error: `folder` is a file, or a folder that is not empty.
    """
    if folder.is_file():
        raise error(f"{str(folder)!r} is a file: choose a new folder for {content}")
    if folder.exists() and any(folder.iterdir()):
        raise error(f"{str(folder)!r} is not empty: choose a new folder for {content}")


@contextmanager
def new_folder(folder: Path, content: str, error: type[Exception]) -> Iterator[Path]:
    """A scratch folder that becomes `folder` when the block ends well, and is removed when it does not.

    Raises:
        error: `folder` is in use already, or something in the block or after it cannot be written.
    """
    check_unused(folder, content, error)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
    except OSError as cause:
        raise error(f"{str(folder.parent)!r} cannot be written: {cause.strerror}") from cause
    try:
        yield scratch
        for path in scratch.iterdir():
            sync(path)
        scratch.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        scratch.rename(folder)
        sync(folder.parent)
    except OSError as cause:
        raise error(f"{content} was not saved to {str(folder)!r}: {cause.strerror}") from cause
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def sync(path: Path) -> None:
    """Make sure that a file or folder is on the disk, not only on its way."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal; an `OSError` is the caller's."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
