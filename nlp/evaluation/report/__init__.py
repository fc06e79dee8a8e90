"""A report on a router that people look at: a page with pictures, and every number and error behind it.

<folder>/index.html       the page: no script, nothing from elsewhere, English and Chinese
<folder>/*.png            its pictures, each for light and (`*.dark.png`) for dark looks
<folder>/report.json      every number
<folder>/errors.jsonl     every wrong answer, the surest first
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nlp.errors import ReportError
from nlp.evaluation.report.learning_curve import CurvePoint
from nlp.evaluation.report.outcome import HeadOutcome
from nlp.evaluation.report.scope import ScopeOutcome
from nlp.evaluation.router import RouterReport
from nlp.folders import check_unused, new_folder
from nlp.training.checks import Findings, Notice

_CONTENT = "the report"


@dataclass(frozen=True)
class RouterStudy:
    """All that is known of a router after measuring it; `curve` ends with the router itself, trained on all rows."""

    architecture: str
    train_name: str
    test_name: str
    figures: RouterReport
    heads: Sequence[HeadOutcome]
    scope: ScopeOutcome | None
    curve: Sequence[CurvePoint]
    findings: Findings

    @property
    def notices(self) -> list[Notice]:
        """What the owner of the data should know."""
        return [*self.findings.notices(), *unknown_labels(self.heads)]


def unknown_labels(heads: Sequence[HeadOutcome]) -> list[Notice]:
    """A sentence for each head whose test rows have labels that training never saw, which count as wrong."""
    return [_unknown_labels(head.name, head.unknown) for head in heads if head.unknown]


def _unknown_labels(head: str, labels: Sequence[str]) -> Notice:
    names = ", ".join(labels[:5]) + (" …" if len(labels) > 5 else "")
    return Notice(
        f"{head} labels of the test rows that training does not have, so that their rows count as wrong: {names}",
        f"测试集中有而训练集中没有的标签（{head}），相应样本一律算错：{names}",
    )


def check_report_folder(folder: Path) -> None:
    """Make sure that a report may be written to `folder`, before time is spent on making it.

    Raises:
        ReportError: `folder` is a file, or a folder that is not empty.
    """
    check_unused(folder, _CONTENT, ReportError)


def write_report(folder: Path, study: RouterStudy) -> None:
    """Write the report on a router to `folder`: it appears complete, or not at all.

    Raises:
        ReportError: `folder` is in use already, or cannot be written.
    """
    from nlp.evaluation.report.page import fill  # draws with matplotlib

    with new_folder(folder, _CONTENT, ReportError) as scratch:
        fill(scratch, study)
