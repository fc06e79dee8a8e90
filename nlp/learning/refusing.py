"""Whether learned thresholds may serve: decisions to answer or to refuse, on votes that taught them nothing."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlp.learning.ruling import Figure, Ruling, compare, rule
from nlp.thresholds import GIVEN, Thresholds
from nlp.training.thresholds import Reviewed


def judge_thresholds(
    held: Sequence[Reviewed], candidate: Thresholds, live: Thresholds = GIVEN, fixed: Sequence[Reviewed] = ()
) -> Ruling:
    """Compare a candidate with what serves: the share of right decisions by weight, in each language.

    Only votes between the old threshold and the new one can speak; a threshold goes down on the word of people who
    say that a refusal was wrong. `fixed` questions, of which it is known whether they can be answered, speak only
    against a candidate.
    """
    deciding = _figures("held out", held, candidate, live)
    return rule([*deciding, *_figures("fixed", fixed, candidate, live)], deciding)


def _figures(name: str, reviewed: Sequence[Reviewed], candidate: Thresholds, live: Thresholds) -> list[Figure]:
    figures = []
    voted = [row for row in reviewed if row.weight > 0]
    for language in sorted({row.language for row in voted}):
        rows = [row for row in voted if row.language == language]
        weights = np.array([row.weight for row in rows])
        before, after = (_right(rows, thresholds) * weights / weights.mean() for thresholds in (live, candidate))
        figures.append(compare("right decisions", f"{name}, {language}", before, after))
    return figures


def _right(rows: Sequence[Reviewed], thresholds: Thresholds) -> NDArray[np.bool_]:
    """Which decisions are right (n,): to answer what the documents answer, and to refuse the rest."""
    return np.array([(row.confidence >= thresholds.of(row.language)) == row.right for row in rows])
