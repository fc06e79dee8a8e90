"""Folders as values, so that models and training data reach machines that share no disk with this one."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from bot.errors import ClusterError
from nlp.folders import new_folder

Parcel = Mapping[str, bytes]  # what is in a folder: contents by path, with "/" between its parts


def pack(path: Path) -> dict[str, bytes]:
    """All files below a folder, or one file under its own name; nothing of what does not exist."""
    if path.is_file():
        return {path.name: path.read_bytes()}
    files = (file for file in sorted(path.rglob("*")) if file.is_file())
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in files}


def unpack(parcel: Parcel, folder: Path) -> Path:
    """Write a parcel into a folder, which is made where it is not there; the folder.

    Raises:
        ClusterError: a name leads out of the folder; nothing is written.
    """
    for name in parcel:
        parts = PurePosixPath(name).parts
        if not parts or ".." in parts or name.startswith("/"):
            raise ClusterError(
                f"{name!r} leads out of the folder that it was sent for: use the same Dawen on all nodes"
            )
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in parcel.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder


def deliver(parcel: Parcel, folder: Path) -> None:
    """Let a folder appear that holds a parcel, whole or not at all.

    Raises:
        ClusterError: there is something else in it, or it cannot be written.
    """
    with new_folder(folder, "what a node has made", ClusterError) as scratch:
        unpack(parcel, scratch)
