"""The REST API as a whole: every route below /v1, and how errors are described."""

from typing import Any

from fastapi import APIRouter

from bot.web.asking import asking_router
from bot.web.documents import documents_router
from bot.web.door import PREFIX, described
from bot.web.errors import Refusal
from bot.web.front import Front

_MEANINGS = {
    400: "The body cannot be read.",
    401: "There is no key, or one that is not in force.",
    403: "The key may not do this.",
    404: "There is no such thing.",
    413: "The body is too large.",
    422: "The request is not as described, or what it names cannot be read.",
    429: "The key asks too often; Retry-After says how long to wait.",
    500: "The request failed.",
    503: "Too much is under way, or the bot is about to end.",
    504: "The request took too long.",
}


def api_router(front: Front) -> APIRouter:
    """All routes; each wants a key, which the door has looked at before."""
    refusals: dict[int | str, dict[str, Any]] = {
        status: {"model": Refusal, "description": meaning} for status, meaning in _MEANINGS.items()
    }
    router = APIRouter(prefix=PREFIX, dependencies=[described], responses=refusals)
    router.include_router(asking_router(front))
    router.include_router(documents_router(front))
    return router
