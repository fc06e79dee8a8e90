"""Web addresses in what people write."""

import re

_LINK = re.compile(r"https?://[^\s<>\"'，。、；）】》」]+", re.IGNORECASE)
_TRAILING = ".,!?:;"


def find_links(text: str) -> list[str]:
    """The web addresses in a text, each once, in order."""
    return list(dict.fromkeys(_trimmed(match[0]) for match in _LINK.finditer(text)))


def without_links(text: str) -> str:
    """The text without its web addresses."""
    return _LINK.sub(" ", text).strip()


def _trimmed(link: str) -> str:
    """A link without the marks that end the sentence around it; a closing bracket stays where one was opened."""
    link = link.rstrip(_TRAILING)
    while link.endswith(")") and link.count(")") > link.count("("):
        link = link[:-1].rstrip(_TRAILING)
    return link
