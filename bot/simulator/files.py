"""Uploaded files: their bytes in a folder, or in memory when nothing is to last."""

import mimetypes
import re
import secrets
from pathlib import Path, PurePosixPath

from bot.simulator.errors import ApiError
from bot.simulator.images import picture_size
from bot.simulator.model import StoredFile
from bot.simulator.parameters import Upload

UPLOAD_LIMIT = 50 << 20  # bytes
DOWNLOAD_LIMIT = 20 << 20  # bytes; larger files exist, but getFile refuses them
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,16}")


class Files:
    """The bytes of all files by `StoredFile.path`."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._memory: dict[str, bytes] = {}

    def add(self, upload: Upload, *, as_photo: bool = False) -> StoredFile:
        """Keep an upload.

        Raises:
            ApiError: it is empty or too large, or no picture although it is to be a photo.
        """
        size = picture_size(upload.data) if as_photo else None
        _check(upload, is_refused_photo=as_photo and size is None)
        name = PurePosixPath(upload.name.replace("\\", "/")).name or "file"
        suffix = PurePosixPath(name).suffix
        key = secrets.token_urlsafe(12)
        path = f"{'photos' if as_photo else 'documents'}/{key}{suffix if _SUFFIX.fullmatch(suffix) else ''}"
        self._write(path, upload.data)
        return StoredFile(
            file_id=f"{'AgAC' if as_photo else 'BQAC'}{key}",
            file_unique_id=f"AQAD{key}",
            path=path,
            size=len(upload.data),
            name=name,
            media_type=_media_type(name, upload.media_type),
            width=size[0] if size else None,
            height=size[1] if size else None,
        )

    def read(self, file: StoredFile) -> bytes | None:
        """The bytes of `file`; None when somebody removed them from the folder."""
        if self._folder is None:
            return self._memory.get(file.path)
        path = self._folder / file.path
        return path.read_bytes() if path.is_file() else None

    def _write(self, path: str, data: bytes) -> None:
        if self._folder is None:
            self._memory[path] = data
            return
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _check(upload: Upload, *, is_refused_photo: bool) -> None:
    if not upload.data:
        raise ApiError(400, "Bad Request: file must be non-empty")
    if len(upload.data) > UPLOAD_LIMIT:
        raise ApiError(413, "Request Entity Too Large")
    if is_refused_photo:
        raise ApiError(400, "Bad Request: IMAGE_PROCESS_FAILED")


def _media_type(name: str, given: str) -> str:
    generic = "application/octet-stream"
    return given if given not in ("", generic) else mimetypes.guess_type(name)[0] or generic
