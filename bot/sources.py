"""What people name on the command line: files, folders, patterns and links."""

import glob
from collections.abc import Iterator
from pathlib import Path

from nlp.documents import SUFFIXES
from nlp.errors import DocumentError


def expand(source: str) -> list[Path]:
    """The files that a path on the command line means: itself, every readable file below a folder, or of a pattern.

    Raises:
        DocumentError: there is no such file, or nothing readable in the folder or of the pattern.
    """
    if not exists(source):
        if is_pattern(source):
            return _matching(source)
        raise DocumentError(f"{source!r} does not exist: check the path", "missing")
    path = local(source)
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise DocumentError(f"{source!r} is neither a file nor a folder: choose another", "unreadable")
    files = sorted(_readable(path))
    if not files:
        raise DocumentError(f"folder {source!r} holds no readable file: supported are {', '.join(SUFFIXES)}", "empty")
    return files


def is_pattern(source: str) -> bool:
    """True for a text with wildcards; a file of that very name goes before."""
    return glob.has_magic(source)


def _matching(pattern: str) -> list[Path]:
    # Not Path.glob, which takes no absolute pattern and, below "**", goes into hidden folders.
    found = sorted(local(path) for path in glob.iglob(str(local(pattern)), recursive=True))  # noqa: PTH207
    files = [path for path in found if path.is_file() and path.suffix.lower() in SUFFIXES]
    if not files:
        raise DocumentError(
            f"pattern {pattern!r} matches no readable file: supported are {', '.join(SUFFIXES)}", "empty"
        )
    return files


def local(source: str) -> Path:
    """A path as it was typed, with `~` for the home folder of somebody whom this machine knows."""
    try:
        return Path(source).expanduser()
    except RuntimeError:
        return Path(source)


def exists(source: str) -> bool:
    """True when there is a file or folder of this name; any text may be asked about."""
    try:
        return local(source).exists()
    except (OSError, ValueError):
        return False


def _readable(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and path.suffix.lower() in SUFFIXES and not hidden:
            yield path


def is_url(text: str) -> bool:
    """True for what should be fetched rather than opened."""
    return text.lower().startswith(("http://", "https://"))
