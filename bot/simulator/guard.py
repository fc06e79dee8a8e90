"""Who may talk to the server: this machine's programs and the page itself, not pages from elsewhere.

A page on the web cannot read what this server answers, but without this check it could make it act. Browsers
say where a request comes from; programs do not, and are let through.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class Guard:
    """Refuses requests of foreign pages, and tells browsers what the page may do."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif _is_foreign(Headers(scope=scope)) and not _is_visit(scope):
            await PlainTextResponse("Requests of other pages are refused", 403)(scope, receive, send)
        else:
            await self._app(scope, receive, _with_headers(send))


def _is_foreign(headers: Headers) -> bool:
    """True for what a browser sends on behalf of a page that is not this server's own."""
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{headers.get('host', '')}":
        return True
    return headers.get("sec-fetch-site", "none") not in ("none", "same-origin")


def _is_visit(scope: Scope) -> bool:
    """True when somebody follows a link to the chat page, which does nothing by being opened."""
    is_page = scope["method"] == "GET" and scope["path"] == "/"
    return is_page and Headers(scope=scope).get("sec-fetch-mode") == "navigate"


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(_HEADERS)
        await send(message)

    return send_with_headers
