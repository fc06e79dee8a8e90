"""The files of a report."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nlp.evaluation.report import RouterStudy, figures
from nlp.evaluation.report.canvas import THEMES, Lettering, Theme, choose_lettering
from nlp.evaluation.report.outcome import HeadOutcome, Judged
from nlp.evaluation.report.tiles import make_tiles
from nlp.model_store import library_versions
from nlp.pages import render

FORMAT = 1


def fill(folder: Path, study: RouterStudy) -> None:
    """Write the page, its pictures, the numbers and the errors of a study into an empty folder."""
    lettering = choose_lettering(label for head in study.heads for label in head.labels)
    for theme in THEMES:
        _draw(folder, study, theme, lettering)
    (folder / "report.json").write_text(json.dumps(numbers(study), ensure_ascii=False, indent=1) + "\n", "utf-8")
    with (folder / "errors.jsonl").open("w", encoding="utf-8") as file:
        for head in study.heads:
            file.writelines(json.dumps(_error(head.name, row), ensure_ascii=False) + "\n" for row in head.wrong)
    (folder / "index.html").write_text(_page(study, numbered=lettering.numbered), "utf-8")


def _draw(folder: Path, study: RouterStudy, theme: Theme, lettering: Lettering) -> None:
    for head in study.heads:
        figures.confusion_matrix(theme, lettering, head).save(folder, f"{head.name}_confusion_matrix")
        figures.histogram(theme, lettering, head.bins).save(folder, f"{head.name}_histogram")
        figures.reliability(theme, lettering, head.bins, head.ece).save(folder, f"{head.name}_reliability")
        if _is_zoomed(head):
            figures.confusion_zoom(theme, lettering, head).save(folder, f"{head.name}_most_confused")
    if study.curve:
        figures.learning_curve(theme, lettering, study.curve).save(folder, "learning_curve")
    if study.scope:
        figures.scope_curve(theme, lettering, study.scope).save(folder, "scope_curve")


def _is_zoomed(head: HeadOutcome) -> bool:
    return len(head.labels) > figures.READABLE and bool(head.confusions)


def _page(study: RouterStudy, *, numbered: bool) -> str:
    stamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    libraries = ", ".join(f"{name} {version}" for name, version in library_versions().items())
    return render(
        "evaluation",
        title=f"Router {study.architecture}: {study.train_name} → {study.test_name}",
        subtitle=f"{stamp} · {libraries}",
        tiles=make_tiles(study.figures, study.heads),
        notices=study.notices,
        heads=study.heads,
        zoomed=[head.name for head in study.heads if _is_zoomed(head)],
        scope=study.scope,
        curve=study.curve,
        numbered=numbered,
    )


def numbers(study: RouterStudy) -> dict[str, Any]:
    """Everything that a report says, as one JSON object."""
    return {
        "format": FORMAT,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "architecture": study.architecture,
        "train": study.train_name,
        "test": study.test_name,
        "libraries": library_versions(),
        "figures": study.figures.as_dict(),
        "heads": {head.name: _head(head) for head in study.heads},
        "scope": asdict(study.scope) if study.scope else None,
        "learning_curve": [asdict(point) for point in study.curve],
        "training_data": asdict(study.findings),
        "notices": [notice.english for notice in study.notices],
    }


def _head(head: HeadOutcome) -> dict[str, Any]:
    return {
        "accuracy": head.accuracy,
        "accuracy@3": head.accuracy_at_3,
        "macro_f1": head.macro_f1,
        "ece": head.ece,
        "unknown_labels": list(head.unknown),
        "languages": {score.language: asdict(score) for score in head.languages},
        "classes": {score.label: asdict(score) for score in head.classes},
        "confusions": [asdict(confusion) for confusion in head.confusions],
        "confusion_matrix": {"labels": list(head.labels), "counts": head.matrix.tolist()},
        "confidence_bins": [asdict(b) for b in head.bins],
    }


def _error(head: str, row: Judged) -> dict[str, Any]:
    return {
        "head": head,
        "text": row.example.text,
        "expected": row.expected,
        "predicted": row.predicted,
        "confidence": round(row.confidence, 4),
        "in_scope": row.route.in_scope,
        "language": row.route.language,
        "origin": row.example.origin,
    }
