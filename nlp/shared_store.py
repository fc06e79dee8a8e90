"""A model store for machines that share no folder: each has one of its own, and a copy of it lies at an fsspec URL.

    s3://bucket/dawen/<kind>/<version>/...   as in the folder; the manifest comes last, so that it is whole or unseen
    s3://bucket/dawen/<kind>/current         the version that serves everywhere

What is put into service lies there before it serves here. What serves there is fetched, checked by its hashes, and then
serves here too. Nothing but copies is read from the URL while messages are answered: where it cannot be reached, what
serves goes on.
"""

import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from fsspec.core import url_to_fs

from nlp.errors import ModelError
from nlp.folders import new_folder
from nlp.model_store import CURRENT, MANIFEST, ModelStore, read_manifest, read_model

_SECRET = re.compile(r"(?<=://)[^/@]*@")


def open_store(root: Path, url: str = "") -> ModelStore:
    """The model store of a folder, shared at an fsspec URL such as `s3://bucket/dawen` where one is given.

    Raises:
        ModelError: no such kind of URL is known, or what reads it is not installed.
    """
    return SharedStore(root, url) if url else ModelStore(root)


class SharedStore(ModelStore):
    """All versions of all kinds below one folder, and the same at a URL."""

    def __init__(self, root: Path, url: str) -> None:
        super().__init__(root)
        self._shown = _SECRET.sub("", url)
        try:
            self._there, place = url_to_fs(url, use_listings_cache=False)
        except (ImportError, ValueError) as error:
            raise ModelError(
                f"models cannot be shared at {self._shown!r} ({error}): correct DAWEN_MODELS, or pip install what "
                "reads it, such as s3fs"
            ) from error
        self._place = str(place).rstrip("/")

    def share(self, kind: str, version: str) -> None:
        """See `ModelStore.share`: the version and its parent, without which there is no way back, lie at the URL."""
        folder = self.folder(kind, version)
        parent = read_manifest(folder).parent
        if parent is not None and (self.folder(kind, parent) / MANIFEST).is_file():
            self._copy_there(kind, parent)
        self._copy_there(kind, version)

    def promote(self, kind: str, version: str) -> None:
        """See `ModelStore.promote`: it serves at the URL first, then here."""
        self.share(kind, version)
        with self._asked():
            self._there.pipe_file(self._path(kind, CURRENT), f"{version}\n".encode())
        super().promote(kind, version)

    def remove(self, kind: str, version: str) -> None:
        """See `ModelStore.remove`: here, then at the URL."""
        super().remove(kind, version)
        with self._asked():
            if version != self._serving(kind) and self._there.exists(self._path(kind, version, MANIFEST)):
                self._there.rm_file(self._path(kind, version, MANIFEST))  # first: what is left of it is not seen
                self._there.rm(self._path(kind, version), recursive=True)

    def fetch(self, kind: str, version: str) -> None:
        """See `ModelStore.fetch`: what is missing here, or damaged, is copied from the URL, if it lies there."""
        folder = self.folder(kind, version)
        if _is_whole(folder):
            return
        with self._asked():
            lies_there = self._there.exists(self._path(kind, version, MANIFEST))
        if lies_there:
            shutil.rmtree(folder, ignore_errors=True)
            with new_folder(folder, f"{kind} {version}", ModelError) as scratch:
                self._copy_here(kind, version, scratch)

    def _copy_here(self, kind: str, version: str, scratch: Path) -> None:
        with self._asked():
            for path in self._files(kind, version):
                self._there.get_file(path, str(scratch / PurePosixPath(path).name))
        if not _is_whole(scratch):
            raise ModelError(f"{kind} {version} at {self._shown!r} is damaged: go back a version")

    def follow(self, kinds: Collection[str]) -> None:
        """See `ModelStore.follow`: what serves at the URL; where nothing does, it is what serves here."""
        for kind in kinds:
            here = self.current(kind)
            with self._asked():
                there = self._serving(kind)
            if there is None and here is not None:
                self.promote(kind, here)
            elif there is not None and there != here:
                self.fetch(kind, there)
                super().promote(kind, there)

    def catch_up(self, kinds: Collection[str]) -> None:
        """See `ModelStore.catch_up`."""
        self.follow(kinds)
        for kind in kinds:
            with self._asked():
                lying = self._versions(kind)
            for version in lying:
                self.fetch(kind, version)

    def _copy_there(self, kind: str, version: str) -> None:
        folder = self.folder(kind, version)
        with self._asked():
            if self._there.exists(self._path(kind, version, MANIFEST)):
                return
            self._there.makedirs(self._path(kind, version), exist_ok=True)
            for path in sorted(folder.iterdir(), key=lambda path: path.name == MANIFEST):
                self._there.put_file(str(path), self._path(kind, version, path.name))

    def _serving(self, kind: str) -> str | None:
        try:
            raw: bytes = self._there.cat_file(self._path(kind, CURRENT))
        except FileNotFoundError:
            return None
        return raw.decode(errors="replace").strip() or None

    def _versions(self, kind: str) -> list[str]:
        """The versions that lie at the URL, whole, oldest first."""
        return sorted(PurePosixPath(path).parent.name for path in self._there.glob(self._path(kind, "*", MANIFEST)))

    def _files(self, kind: str, version: str) -> list[str]:
        listed = self._there.ls(self._path(kind, version), detail=True)
        return [entry["name"] for entry in listed if entry["type"] == "file"]

    def _path(self, *names: str) -> str:
        return "/".join((self._place, *names))

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """What the URL's library raises becomes one sentence; each library has errors of its own."""
        try:
            yield
        except Exception as error:
            raise ModelError(
                f"the models at {self._shown!r} cannot be reached ({type(error).__name__}): check DAWEN_MODELS, the "
                "network and the credentials"
            ) from error


def _is_whole(folder: Path) -> bool:
    try:
        read_model(folder)
    except ModelError:
        return False
    return True
