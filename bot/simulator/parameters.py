"""The parameters of a request, however they come: query string, JSON, urlencoded form, multipart form.

Forms carry only strings, so a value that is not a string may come as itself or as its JSON text.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

from bot.simulator.errors import bad_request

_TRUE = frozenset({"true", "yes", "1"})
_FIELD_BYTES = 4 << 20  # of one value that is not a file


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a request."""

    name: str
    data: bytes
    media_type: str = ""


class Parameters:
    """Typed access to parameters; what is missing has the default."""

    def __init__(self, values: Mapping[str, Any], files: Mapping[str, Upload] | None = None) -> None:
        self._values = {name: value for name, value in values.items() if value is not None}
        self._files = dict(files or {})

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str) -> str:
        """A string; empty when it is missing.

        Raises:
            ApiError: it is not valid Unicode.
        """
        value = self._values.get(name, "")
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return _unicode(text)

    def integer(self, name: str, default: int = 0) -> int:
        """A whole number; what is none counts as missing."""
        try:
            return int(self._values.get(name, default))
        except (TypeError, ValueError):
            return default

    def flag(self, name: str) -> bool:
        """Yes or no."""
        return self.text(name).lower() in _TRUE

    def structure(self, name: str) -> Any:
        """A list or an object; None when it is missing.

        Raises:
            ApiError: the text is not JSON, or something in it is not valid Unicode.
        """
        value = self._values.get(name)
        if isinstance(value, str):
            try:
                value = json.loads(value) if value else None
            except ValueError:
                raise bad_request(f"can't parse {name} JSON object") from None
        _unicode(json.dumps(value, ensure_ascii=False))
        return value

    def upload(self, name: str) -> Upload | None:
        """A file: the part of that name, or the part that `attach://` names."""
        reference = self.text(name)
        if reference.startswith("attach://"):
            return self._files.get(reference.removeprefix("attach://"))
        return self._files.get(name)


async def read_parameters(request: Request) -> Parameters:
    """The parameters of `request`; those of the body override those of the query string.

    Raises:
        ApiError: the body is not what its content type says.
    """
    query = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return Parameters({**query, **await _read_json(request)})
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return Parameters(query)
    async with request.form(max_part_size=_FIELD_BYTES) as form:
        values = {name: value for name, value in form.items() if isinstance(value, str)}
        files = {name: await _read(part) for name, part in form.items() if isinstance(part, UploadFile)}
    return Parameters({**query, **values}, files)


def _unicode(text: str) -> str:
    """`text`, when no half of a surrogate pair stands alone in it; JSON can say such a thing, UTF-8 cannot."""
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise bad_request("strings must be encoded in UTF-8")
    return text


async def _read_json(request: Request) -> dict[str, Any]:
    body = await request.body()
    try:
        values = json.loads(body or b"{}")
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise bad_request("can't parse request body as a JSON object")
    return values


async def _read(part: UploadFile) -> Upload:
    return Upload(part.filename or "", await part.read(), part.content_type or "")
