"""Sitemaps (sitemaps.org): the pages that a site lists. Like documents they come from strangers: use `nlp.sandbox`."""

from dataclasses import dataclass
from pathlib import Path

from nlp.errors import DocumentError


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The addresses of `pages`, or of further `sitemaps`, in the order of the file."""

    pages: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()


def read_sitemap(path: Path) -> Sitemap:
    """The addresses in a sitemap or in an index of sitemaps. Entities are refused, so nothing can grow or be fetched.

    Raises:
        DocumentError: it is some other XML, or none.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, parse

    try:
        root = parse(path, forbid_dtd=True).getroot()
    except ParseError as error:
        raise DocumentError(f"{path.name!r} is no XML, or is damaged: check the address", "unreadable") from error
    except DefusedXmlException as error:
        raise DocumentError(
            f"{path.name!r} defines entities, and a sitemap needs none: check the address", "unreadable"
        ) from error
    kind = _local(root.tag)
    if kind not in ("urlset", "sitemapindex"):
        raise DocumentError(f"{path.name!r} is XML of type {kind!r}, not a sitemap: check the address", "unsupported")
    places = tuple(
        text for entry in root for child in entry if _local(child.tag) == "loc" and (text := _text(child.text))
    )
    return Sitemap(pages=places) if kind == "urlset" else Sitemap(sitemaps=places)


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]


def _text(text: str | None) -> str:
    return (text or "").strip()
