"""The pictures of a report, each drawn from the numbers of `nlp.evaluation.report.outcome`."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from nlp.evaluation.report.canvas import FONT, Canvas, Lettering, Theme
from nlp.evaluation.report.learning_curve import CurvePoint
from nlp.evaluation.report.outcome import Bin, Confusion, Counts, HeadOutcome
from nlp.evaluation.report.scope import ScopeOutcome

READABLE = 30  # classes whose names can be read in one confusion matrix
_ZOOMED = 16  # classes in the picture of the most confused ones
_WIDTH, _HEIGHT = 5.4, 3.6

CONFIDENCE = ("Confidence", "置信度")
ACCURACY = ("Accuracy", "准确率")


def confusion_matrix(theme: Theme, lettering: Lettering, head: HeadOutcome) -> Canvas:
    """All classes: right answers on the diagonal, wrong ones beside it, as shares of each row."""
    if len(head.labels) <= READABLE:
        return _matrix(theme, lettering, head, head.labels)
    canvas = Canvas(theme, lettering, _WIDTH, _WIDTH)
    (axes,) = canvas.axes()
    _paint(axes, theme, head.matrix)
    axes.set_xticks([])
    axes.set_yticks([])
    canvas.label(axes, (f"Predicted ({len(head.labels)} classes)", "预测"), ("Expected", "应为"))
    return canvas


def confusion_zoom(theme: Theme, lettering: Lettering, head: HeadOutcome) -> Canvas:
    """The most confused classes only, with their names and counts."""
    return _matrix(theme, lettering, head, most_confused(head.confusions))


def most_confused(confusions: Sequence[Confusion], limit: int = _ZOOMED) -> list[str]:
    """The labels of the most frequent confusions, those that are confused with each other side by side."""
    names: list[str] = []
    for confusion in confusions:
        new = [name for name in (confusion.expected, confusion.predicted) if name not in names]
        if len(names) + len(new) > limit:
            break
        old = confusion.expected if confusion.expected in names else confusion.predicted
        place = names.index(old) + 1 if old in names else len(names)
        names[place:place] = new
    return names


def _matrix(theme: Theme, lettering: Lettering, head: HeadOutcome, labels: Sequence[str]) -> Canvas:
    numbers = {label: number for number, label in enumerate(head.labels, 1)}
    places = [numbers[label] - 1 for label in labels]
    counts = head.matrix[np.ix_(places, places)]
    side = max(_WIDTH, 2.2 + 0.26 * len(labels))
    canvas = Canvas(theme, lettering, side, side)
    (axes,) = canvas.axes()
    shares = _paint(axes, theme, counts, head.matrix.sum(axis=1)[places])
    names = lettering.names(labels, numbers)
    size = FONT if len(labels) <= 20 else FONT - 1.5
    axes.set_xticks(range(len(names)), names, rotation=90 if len(names) > 4 else 0, fontsize=size)
    axes.set_yticks(range(len(names)), names, fontsize=size)
    for row, column in zip(*np.nonzero(counts), strict=True):
        count = int(counts[row, column])
        color = theme.page if shares[row, column] > 0.3 else theme.ink
        axes.text(column, row, str(count), ha="center", va="center", fontsize=size - 1, color=color)
    canvas.label(axes, ("Predicted", "预测"), ("Expected", "应为"))
    return canvas


def _paint(axes: Axes, theme: Theme, counts: Counts, support: Counts | None = None) -> NDArray[np.float64]:
    """Colour the cells by their share of the row; no cell that holds a row is too pale to be seen."""
    shares = counts / np.maximum(counts.sum(axis=1) if support is None else support, 1)[:, None]
    strength = np.where(shares > 0, 0.2 + 0.8 * np.sqrt(shares), 0)[..., None]
    diagonal = np.eye(len(counts), dtype=bool)[..., None]
    full = np.where(diagonal, to_rgb(theme.right), to_rgb(theme.wrong))
    axes.imshow(strength * full + (1 - strength) * np.array(to_rgb(theme.page)), interpolation="nearest")
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color(theme.faint)
    found: NDArray[np.float64] = shares
    return found


def histogram(theme: Theme, lettering: Lettering, bins: Sequence[Bin]) -> Canvas:
    """How sure the right and the wrong answers were, each on a scale of its own."""
    canvas = Canvas(theme, lettering, _WIDTH, _HEIGHT)
    panels = canvas.axes((1, 1))
    wrong = [b.rows - b.right for b in bins]
    series = (("Right", "正确", [b.right for b in bins], theme.right), ("Wrong", "错误", wrong, theme.wrong))
    for axes, (english, chinese, heights, color) in zip(panels, series, strict=True):
        axes.bar([b.low for b in bins], heights, width=0.9 / len(bins), align="edge", color=color)
        title = f"{lettering.words(english, chinese)}: {sum(heights)}"
        axes.set_title(title, loc="left", fontsize=FONT, color=theme.ink)
        canvas.whole(axes, 3)
        axes.set_ylim(0, max(1, max(heights) * 1.05))
        axes.set_xlim(0, 1)
    canvas.percent(panels[1], "x")
    canvas.label(panels[1], CONFIDENCE)
    return canvas


def reliability(theme: Theme, lettering: Lettering, bins: Sequence[Bin], ece: float) -> Canvas:
    """Whether answers with a confidence of 80 % are right 80 times in 100; below, how many answers there are."""
    canvas = Canvas(theme, lettering, _WIDTH, _HEIGHT + 0.6)
    upper, lower = canvas.axes((4, 1))
    filled = [b for b in bins if b.rows]
    upper.plot([0, 1], [0, 1], color=theme.faint, linestyle="--", linewidth=1)
    shares = [b.right / b.rows for b in filled]
    upper.plot([b.confidence for b in filled], shares, color=theme.right, linewidth=0.8, alpha=0.6)
    sizes = [14 + 120 * (b.rows / max(b.rows for b in filled)) ** 0.5 for b in filled]
    upper.scatter([b.confidence for b in filled], shares, sizes, color=theme.right, clip_on=False, zorder=3)
    upper.set(xlim=(0, 1), ylim=(0, 1.03))
    upper.text(0.03, 0.93, f"ECE {ece:.3f}", fontsize=FONT + 1, color=theme.ink, transform=upper.transAxes)
    lower.bar([b.low for b in bins], [b.rows for b in bins], width=0.9 / len(bins), align="edge", color=theme.faint)
    canvas.whole(lower, 2)
    canvas.percent(upper, "y")
    canvas.percent(lower, "x")
    canvas.label(upper, y=ACCURACY)
    canvas.label(lower, CONFIDENCE, ("Rows", "条"))
    return canvas


def learning_curve(theme: Theme, lettering: Lettering, points: Sequence[CurvePoint]) -> Canvas:
    """Accuracy by number of training rows."""
    canvas = Canvas(theme, lettering, _WIDTH, _HEIGHT)
    (axes,) = canvas.axes()
    rows = [point.rows for point in points]
    topics = [(point.rows, point.topic) for point in points if point.topic is not None]
    _curve(
        axes,
        theme,
        rows,
        [point.intent for point in points],
        theme.right,
        lettering.words("Intent", "意图"),
        above=False,
    )
    if topics:
        name = lettering.words("Topic", "话题")
        _curve(axes, theme, [n for n, _ in topics], [a for _, a in topics], theme.wrong, name, above=True)
        canvas.legend(axes)
    shown = [point.intent for point in points] + [accuracy for _, accuracy in topics]
    margin = max(0.03, 0.25 * (max(shown) - min(shown)))
    axes.set_ylim(max(0, min(shown) - margin), min(1, max(shown)) + margin * 0.6)
    axes.set_xlim(0, max(rows) * 1.07)
    axes.set_xticks(rows, [f"{n:,}" for n in rows])
    axes.grid(axis="y", color=theme.faint, linewidth=0.4)
    canvas.percent(axes, "y")
    canvas.label(axes, ("Training rows", "训练样本数"), ACCURACY)
    return canvas


def _curve(
    axes: Axes, theme: Theme, rows: list[int], accuracies: list[float], color: str, name: str, *, above: bool
) -> None:
    """A line with its values written where a rising curve leaves room: left above it, or right below."""
    axes.plot(rows, accuracies, color=color, marker="o", markersize=5, label=name)
    for place in zip(rows, accuracies, strict=True):
        left = above or place[0] == max(rows)
        axes.annotate(
            f"{place[1]:.1%}",
            place,
            xytext=(-3 if left else 3, 5 if above else -13),
            textcoords="offset points",
            ha="right" if left else "left",
            fontsize=FONT - 1,
            color=theme.ink,
        )


def scope_curve(theme: Theme, lettering: Lettering, scope: ScopeOutcome) -> Canvas:
    """What refusing more out-of-scope texts costs in known texts, with the router's own choice marked."""
    canvas = Canvas(theme, lettering, _WIDTH, _HEIGHT + 0.4)
    (axes,) = canvas.axes()
    axes.plot(scope.refused, scope.kept, color=theme.right, linewidth=1.8)
    axes.plot([scope.refused_now], [scope.kept_now], "o", color=theme.wrong, markersize=8)
    axes.axvline(scope.refused_now, color=theme.wrong, linewidth=0.6, linestyle=":")
    axes.axhline(scope.kept_now, color=theme.wrong, linewidth=0.6, linestyle=":")
    chosen = f"{lettering.words('chosen', '当前阈值')}\n{scope.kept_now:.0%} / {scope.refused_now:.0%}"
    right = scope.refused_now > 0.5
    axes.annotate(
        chosen,
        (scope.refused_now, scope.kept_now),
        xytext=(-12 if right else 12, -12),
        textcoords="offset points",
        ha="right" if right else "left",
        va="top",
        fontsize=FONT,
        color=theme.ink,
    )
    axes.text(0.03, 0.05, f"AUROC {scope.auroc:.3f}", fontsize=FONT + 1, color=theme.ink, transform=axes.transAxes)
    axes.set(xlim=(0, 1.02), ylim=(0, 1.03))
    canvas.percent(axes)
    canvas.label(axes, ("Out-of-scope texts refused", "拒绝的范围外文本"), ("Known texts kept", "保留的已知文本"))
    return canvas
