"""Which addresses a text may link to, in the form in which Telegram gives them back."""

import re
from urllib.parse import urlsplit

_USER = re.compile(r"tg://user/?\?id=([1-9][0-9]{0,18})", re.IGNORECASE)
_EMOJI = re.compile(r"tg://emoji/?\?id=([1-9][0-9]{0,18})", re.IGNORECASE)
_SCHEMES = frozenset({"http", "https", "ftp", "tg", "ton", "tonsite"})


def linked_user(url: str) -> int | None:
    """The user that a `tg://user?id=` link names."""
    match = _USER.fullmatch(url.strip())
    return int(match[1]) if match else None


def linked_emoji(url: str) -> str | None:
    """The custom emoji that a `tg://emoji?id=` link names."""
    match = _EMOJI.fullmatch(url.strip())
    return match[1] if match else None


def checked_link(url: str) -> str:
    """`url` with a scheme and a path; empty when it leads nowhere."""
    url = url.strip()
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", url) or re.match(r"[^/:]+:\d+(/|$)", url):
        url = f"http://{url}"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    if parts.scheme not in _SCHEMES or not host or re.search(r"\s", url):
        return ""
    if parts.scheme in ("http", "https", "ftp"):
        return parts._replace(path=parts.path or "/").geturl() if "." in host or ":" in host else ""
    return parts.geturl()
