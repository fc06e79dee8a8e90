"""`dawen ingest`, `dawen documents` and `dawen summarize`."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot import console
from bot.app import App, check_home, open_app, open_database
from bot.errors import FetchError
from bot.fetching import open_fetcher
from bot.knowledge import Added, Source
from bot.progress import Advance, Progress
from bot.reading import SourceReader
from bot.settings import Settings
from bot.sitemaps import is_sitemap
from bot.sites import open_encoder
from bot.sources import exists, expand, is_url, local
from bot.summaries import text_document
from nlp.documents import SUFFIXES
from nlp.errors import DocumentError
from nlp.summarizer import Summarizer
from nlp.types import Document, Summary
from storage.records import Change


async def ingest(settings: Settings, sources: list[str], *, as_json: bool) -> None:
    """Add files, folders, links and sitemaps to the shared knowledge; one that fails does not stop the rest.

    Raises:
        DocumentError: one or more of them were not added.
    """
    progress = Progress()
    async with open_app(settings, progress) as app:
        added: list[Added] = []
        failed: list[dict[str, str]] = []
        for target in await _targets(app, sources, failed):
            try:
                with progress.job(_name(target)) as advance:
                    added.append(await _add(app, target, advance))
            except (DocumentError, FetchError) as error:
                failed.append({"source": str(target), "error": str(error)})
        await app.knowledge.index.refresh()
    _report(added, failed, as_json=as_json)
    if failed:
        total = len(added) + len(failed)
        verb = "was" if total == 1 or len(failed) == 1 else "were"
        raise DocumentError(f"{len(failed)} of {_count(total, 'source')} {verb} not added", "unreadable")


async def _targets(app: App, sources: list[str], failed: list[dict[str, str]]) -> list[Path | str]:
    """The files and pages that the sources mean, each once; what they cannot mean is noted in `failed`."""
    targets: dict[Path | str, None] = {}
    for source in sources:
        try:
            targets.update(dict.fromkeys(await _meant(app, source, failed)))
        except (DocumentError, FetchError) as error:
            failed.append({"source": source, "error": str(error)})
    return list(targets)


async def _meant(app: App, source: str, failed: list[dict[str, str]]) -> Sequence[Path | str]:
    if not is_url(source):
        return expand(source)
    if not is_sitemap(source):
        return [source]
    listing = await app.knowledge.pages(source)
    failed += [{"source": source, "error": complaint} for complaint in listing.complaints]
    return listing.pages


def _name(target: Path | str) -> str:
    return target.name if isinstance(target, Path) else target


async def _add(app: App, target: Path | str, advance: Advance) -> Added:
    if isinstance(target, str):
        return await app.knowledge.add_url(target)
    return await app.knowledge.add(Source(target, target.resolve().as_uri()), advance)


def _report(added: list[Added], failed: list[dict[str, str]], *, as_json: bool) -> None:
    counts = {change.value: sum(item.change is change for item in added) for change in Change}
    if as_json:
        documents = [
            {"uri": item.uri, "title": item.title, "change": item.change.value, "chunks": item.chunks} for item in added
        ]
        console.print_json({**counts, "documents": documents, "failed": failed})
        return
    for item in added:
        size = "" if item.change is Change.UNCHANGED else f" ({_count(item.chunks, 'passage')})"
        console.out.print(f"{item.change.value}: {item.title}{size}", markup=False)
    for failure in failed:
        console.err.print(f"failed: {_named(failure)}", markup=False)
    if added and len(added) + len(failed) > 1:
        counted = [f"{number} {change}" for change, number in {**counts, "failed": len(failed)}.items() if number]
        console.out.print(f"total: {', '.join(counted)}", markup=False)


def _named(failure: dict[str, str]) -> str:
    """What went wrong, with the source in front where the sentence speaks of one of its files by name only."""
    source, error = failure["source"], failure["error"]
    return error if repr(source) in error or not is_url(source) else f"{source}: {error}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


async def list_documents(settings: Settings, *, as_json: bool) -> None:
    """Show what is known."""
    check_home(settings.home)
    async with open_database(settings) as database, database.read() as tx:
        found = await tx.documents.all()
    if as_json:
        rows = [
            {
                "id": d.id,
                "title": d.title,
                "scope": d.scope,
                "language": d.language,
                "chunks": d.chunks,
                "characters": d.characters,
                "uri": d.uri,
                "added_by": d.added_by,
                "updated_at": d.updated_at.isoformat(),
            }
            for d in found
        ]
        console.print_json({"documents": rows})
        return
    table = [(d.id, d.title, d.scope, d.language, d.chunks, d.uri) for d in found]
    console.print_table(list(table), "id", "title", "scope", "language", "passages", "source")


async def remove_document(settings: Settings, wanted: str, *, as_json: bool) -> None:
    """Remove a document, by number, address or title.

    Raises:
        DocumentError: there is none such. RemovalError: there are several.
    """
    async with open_app(settings, Progress()) as app:
        removed = await app.knowledge.remove(wanted) or await app.knowledge.remove(_as_uri(wanted))
        await app.knowledge.index.refresh()
    if not removed:
        raise DocumentError(f"no document is called {wanted!r}: 'dawen documents' lists them", "missing")
    if as_json:
        console.print_json({"removed": [{"id": d.id, "title": d.title, "uri": d.uri} for d in removed]})
    else:
        for document in removed:
            console.out.print(f"removed: {document.title}", markup=False)


def _as_uri(wanted: str) -> str:
    return local(wanted).resolve().as_uri()


async def summarize(settings: Settings, source: str, sentences: int, *, as_json: bool) -> None:
    """Summarise a file, a link, or a text.

    Raises:
        DocumentError: there is no such file, or nothing to read in it. FetchError: the link cannot be fetched.
    """
    if not source.strip():
        raise DocumentError("the text is empty: give a file, a link, or a text in quotes", "empty")
    document = await _document(settings, source)
    summary = Summarizer(open_encoder(settings)).summarize(document, sentences)
    if as_json:
        console.print_json(_described(document, summary))
        return
    lines = [summary.title, *(f"• {sentence}" for sentence in summary.sentences)]
    console.out.print("\n".join(lines).strip(), markup=False)


def _described(document: Document, summary: Summary) -> dict[str, Any]:
    """A summary for programs."""
    return {
        "title": summary.title,
        "author": document.author,
        "date": document.date,
        "language": summary.language,
        "headline": summary.headline,
        "sentences": list(summary.sentences),
        "facts": asdict(summary.facts),
        "characters": summary.source_characters,
        "minutes_saved": round(summary.minutes_saved, 1),
    }


async def _document(settings: Settings, source: str) -> Document:
    async with SourceReader(open_fetcher(private=settings.fetch_private)) as reader:
        if is_url(source):
            return await reader.url(source)
        if _is_path(source):
            return await reader.file(_file(source))
    return text_document(source)


def _file(source: str) -> Path:
    files = expand(source)
    if files != [local(source)]:
        kind = "folder" if exists(source) else "pattern"
        raise DocumentError(f"{source!r} is a {kind}: name one of its files", "unreadable")
    return files[0]


def _is_path(source: str) -> bool:
    looks_like_one = len(source.split()) == 1 and ("/" in source or Path(source).suffix.lower() in SUFFIXES)
    return looks_like_one or exists(source)
