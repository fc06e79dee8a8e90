"""The reranker of the settings, and in which languages it serves: tried on questions about Dawen's own manual.

Nothing is trained on these questions. The outcome is kept beside the models, for that reranker, encoder and manual.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.own_manual import read_manual
from bot.progress import Progress
from nlp.encoder import Encoder, pick_device
from nlp.reranker import Reranker, Reranking, Trial, load_reranker, served_languages
from nlp.retriever import build

_FOUND = 10
ReadReranker = Callable[[str, str], Reranker]


def read_reranker(name: str, device: str) -> Reranker:
    """The cross-encoder of a name on a device, computed by this process.

    Raises:
        EncoderError: it cannot be loaded.
    """
    return load_reranker(name, pick_device(device))


async def open_reranking(
    name: str,
    device: str,
    encoder: Encoder,
    manual: Path,
    questions: Path,
    kept: Path,
    progress: Progress,
    read: ReadReranker = read_reranker,
) -> Reranking | None:
    """The reranker called `name` with the languages it serves; None where no name is set.

    Raises:
        EncoderError: it cannot be loaded.
    """
    if not name:
        return None
    reranker = await asyncio.to_thread(read, name, device)
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
    manual = read_manual(pages, questions)
    texts = [passage.searchable for passage in manual.passages]
    retriever = build(encoder, enumerate(texts))
    trials = []
    for question in manual.questions:
        if question.answer is None:
            continue
        right = manual.right(question)
        found = [hit.key for hit in retriever.search(question.text, _FOUND)]
        places = frozenset(place for place, key in enumerate(found) if key in right)
        trials.append(Trial(question.text, question.language, tuple(texts[key] for key in found), places))
    return trials
