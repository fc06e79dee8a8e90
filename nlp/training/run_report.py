"""The report that every training run leaves beside its model: `report.json`, and `report.html` made from it.

Neither quotes a text, so that a stored model holds no words of anybody: rows are named by where they stand.
"""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from nlp.model_store import Manifest, library_versions
from nlp.pages import render
from nlp.training.checks import Findings, inspect
from nlp.training.data import Example
from nlp.training.runlog import Points, RunLog

FORMAT = 1
_WIDTH, _HEIGHT = 600, 200  # of a drawing, in its own units
_COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00")  # Okabe & Ito (2008)


@dataclass(frozen=True)
class Line:
    """One curve of a drawing: the stage it belongs to, its colour, the points of an SVG polyline, its last value."""

    stage: str
    color: str
    points: str
    last: float


@dataclass(frozen=True)
class Drawing:
    """All curves of one metric, with the values at the lower and upper edge."""

    metric: str
    low: float
    high: float
    lines: tuple[Line, ...]


def report_files(log: RunLog, manifest: Manifest, examples: Sequence[Example]) -> dict[str, str]:
    """The files of a run's report by name, to be stored with the model that `manifest` describes."""
    findings = inspect(examples)
    report = _report(log, manifest, findings)
    page = render(
        "training",
        report=report,
        notices=findings.notices(),
        drawings=list(_drawings(log)),
        width=_WIDTH,
        height=_HEIGHT,
    )
    return {"report.json": json.dumps(report, ensure_ascii=False, indent=1) + "\n", "report.html": page}


def _report(log: RunLog, manifest: Manifest, findings: Findings) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "kind": manifest.kind,
        "architecture": manifest.architecture,
        "parent": manifest.parent,
        "seconds": round(log.seconds, 3),
        "stages": [
            {"stage": s.name, "seconds": round(s.seconds, 3), "steps": s.steps, "curves": _finite(s.thinned())}
            for s in log.stages
        ],
        "data": {
            **asdict(findings),
            "contradictions": [dict(contradiction.labels) for contradiction in findings.contradictions],
            "sha256": manifest.data.sha256,
            "sources": list(manifest.data.sources),
        },
        "scores": dict(manifest.scores),
        "configuration": manifest.configuration.get("training", {}),
        "encoder": manifest.configuration.get("scorer", {}).get("encoder"),
        "seed": manifest.seed,
        "libraries": library_versions(),
    }


def _finite(curves: dict[str, Points]) -> dict[str, list[tuple[int, float | None]]]:
    """The curves as JSON can hold them: null for what is no number."""
    return {name: [(x, y if math.isfinite(y) else None) for x, y in points] for name, points in curves.items()}


def _drawings(log: RunLog) -> Iterator[Drawing]:
    for metric in dict.fromkeys(name for stage in log.stages for name in stage.curves):
        curves = [(stage.name, stage.thinned()[metric]) for stage in log.stages if metric in stage.curves]
        finite = [(name, [(x, y) for x, y in points if math.isfinite(y)]) for name, points in curves]
        drawn = [(name, points) for name, points in finite if points]
        values = [y for _, points in drawn for _, y in points]
        if not values:
            continue
        low, high = min(values), max(values)
        lines = (
            Line(name, _COLORS[i % len(_COLORS)], _polyline(points, low, high), points[-1][1])
            for i, (name, points) in enumerate(drawn)
        )
        yield Drawing(metric, low, high, tuple(lines))


def _polyline(points: Points, low: float, high: float) -> str:
    first, last = points[0][0], points[-1][0]
    across, up = _WIDTH / max(last - first, 1), _HEIGHT / ((high - low) or 1)
    return " ".join(f"{(x - first) * across:.1f},{_HEIGHT - (y - low) * up:.1f}" for x, y in points)
