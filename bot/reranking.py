"""The reranker of the settings, and in which languages it serves: tried on questions about Dawen's own manual.

Nothing is trained on these questions. The outcome is kept beside the models, for that reranker, encoder and manual.
"""

import asyncio
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from bot.progress import Progress
from nlp.chunks import chunk
from nlp.documents import read_document
from nlp.encoder import Encoder, pick_device
from nlp.reranker import Reranker, Reranking, Trial, load_reranker, served_languages
from nlp.retriever import build
from nlp.types import searchable

_FOUND = 10


async def open_reranking(
    name: str, device: str, encoder: Encoder, manual: Path, questions: Path, kept: Path, progress: Progress
) -> Reranking | None:
    """The reranker called `name` with the languages it serves; None where no name is set.

    Raises:
        EncoderError: it cannot be loaded.
    """
    if not name:
        return None
    reranker = await asyncio.to_thread(load_reranker, name, pick_device(device))
    with progress.job("Trying the reranker") as advance:
        reranking = await asyncio.to_thread(try_reranker, reranker, encoder, manual, questions, kept)
        advance(1, 1)
    return reranking


def try_reranker(reranker: Reranker, encoder: Encoder, manual: Path, questions: Path, kept: Path) -> Reranking:
    """The languages that the reranker serves, as the file `kept` says or else by trial, which is then kept there."""
    pages = sorted(manual.glob("*/*.md"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in [*pages, questions])).hexdigest()
    tried = {"reranker": reranker.fingerprint, "encoder": encoder.fingerprint, "questions": digest}
    known = _read(kept)
    if {**known, "languages": None} == {**tried, "languages": None}:
        return Reranking(reranker, frozenset(known["languages"]))
    languages = served_languages(reranker, make_trials(encoder, pages, questions))
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps({**tried, "languages": sorted(languages)}), encoding="utf-8")
    return Reranking(reranker, languages)


def _read(kept: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(kept.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def make_trials(encoder: Encoder, pages: list[Path], questions: Path) -> list[Trial]:
    """The questions that the manual answers, each with the passages of the whole manual that the search finds."""
    passages: list[tuple[str, str]] = []  # the page, and what is searched for
    for page in pages:
        document = read_document(page)
        passages += [(page.stem, searchable(document.title, p.heading, p.text)) for p in chunk(document)]
    retriever = build(encoder, enumerate(text for _, text in passages))
    trials = []
    for row in map(json.loads, questions.read_text(encoding="utf-8").splitlines()):
        if row["answer"] is None:
            continue
        found = [passages[hit.key] for hit in retriever.search(row["question"], _FOUND)]
        right = frozenset(
            place for place, (page, text) in enumerate(found) if page == row["page"] and re.search(row["answer"], text)
        )
        trials.append(Trial(row["question"], row["language"], tuple(text for _, text in found), right))
    return trials
