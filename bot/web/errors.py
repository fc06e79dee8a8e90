"""What the web server says when it does not do what was asked: one object, in English, without anything internal."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

_log = logging.getLogger(__name__)


class Problem(BaseModel):
    """What is wrong: `code` for programs, `message` for people."""

    code: str
    message: str


class Refusal(BaseModel):
    """The body of every response that is not what was asked for."""

    error: Problem


class ApiError(HTTPException):
    """A request that is not carried out."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        """`code` is one word for programs, `message` one sentence for people; neither tells anything internal."""
        super().__init__(status, message, headers)
        self.body: dict[str, Any] = Refusal(error=Problem(code=code, message=message)).model_dump()


def add_error_handlers(application: FastAPI) -> None:
    """Let every error be told as a `Refusal`."""
    for kind in (ApiError, HTTPException, RequestValidationError, Exception):
        application.add_exception_handler(kind, _tell)


def as_api_error(error: Exception) -> ApiError:
    """Any error as one that may be told; what nobody foresaw is logged."""
    match error:
        case ApiError():
            return error
        case HTTPException(status_code=status, headers=headers):
            return ApiError(status, HTTPStatus(status).name.lower(), HTTPStatus(status).phrase, headers)
        case RequestValidationError():
            return ApiError(422, "invalid", _invalid(error))
        case _:
            _log.error("a request failed", exc_info=error)
            return ApiError(500, "internal", "the request failed; the log of the bot says why")


async def _tell(_: Request, error: Exception) -> JSONResponse:
    known = as_api_error(error)
    return JSONResponse(known.body, known.status_code, known.headers)


def _invalid(error: RequestValidationError) -> str:
    """Where a request is not as it should be; what was sent is not repeated."""
    places = [".".join(str(part) for part in fault["loc"][:3]) for fault in error.errors()]
    return f"{', '.join(dict.fromkeys(places[:5]))}: missing, or not as described at /docs"
