"""A verdict as a picture for a phone: what candidate, live and base get right on each set, in each language."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from nlp.evaluation.report.canvas import FONT, LIGHT, Canvas, Theme, choose_lettering
from nlp.learning.significance import share_interval
from nlp.learning.verdict import Line, Measure, Part, Verdict
from nlp.types import Language

_WIDTH, _PER_LINE, _ROOM = 5.4, 0.62, 1.5  # inches
_BAR = 0.26
_LEAST_SPAN = 0.06  # of the axis, so that small differences do not look large
Words = tuple[str, str]

_SETS: dict[str, Words] = {
    "fixed": ("fixed", "固定集"),
    "recent": ("recent", "近期"),
    "reviewed": ("reviewed", "已标注"),
    "golden": ("golden", "金标"),
}
_PARTS: dict[Part, Words] = {"all": ("all", "全部"), "en": ("English", "英文"), "zh": ("Chinese", "中文")}
_MEASURES: dict[Measure, Words] = {
    "intent": ("Intents", "意图"),
    "topic": ("Topics", "话题"),
    "scope": ("In or out of scope", "是否在范围内"),
}
_TITLES: dict[bool, Words] = {True: ("It may serve", "可以上线"), False: ("It is kept out", "不予上线")}
_WHO: tuple[Words, ...] = (("new version", "新版本"), ("serving now", "现用版本"), ("as shipped", "初始版本"))
_AXIS: Words = ("Right, with 95 % intervals", "正确率（含 95 % 区间）")


def draw_verdict(verdict: Verdict, language: Language = "en", theme: Theme = LIGHT) -> bytes:
    """The verdict as a PNG file, one panel a measure; in English where no Chinese font is installed."""
    lettering = choose_lettering([line.set for line in verdict.lines])
    chosen = int(language == "zh" and len(lettering.families) > 1)
    measures = list(dict.fromkeys(line.measure for line in verdict.lines)) or ["intent"]
    panels = [[line for line in verdict.lines if line.measure == measure] for measure in measures]
    height = _ROOM + sum(0.6 + _PER_LINE * max(1, len(lines)) for lines in panels)
    canvas = Canvas(theme, lettering, _WIDTH, height)
    grid = canvas.figure.subplots(len(panels), 1, squeeze=False, height_ratios=[max(1, len(p)) for p in panels])
    numbers = {name: place for place, name in enumerate(dict.fromkeys(line.set for line in verdict.lines), 1)}
    for measure, lines, axes in zip(measures, panels, grid[:, 0], strict=True):
        names = lettering.names([line.set for line in lines], numbers)
        ticks = [_name(line, name, chosen) for line, name in zip(lines, names, strict=True)]
        canvas.dress(axes)
        _panel(axes, theme, lines, ticks, chosen)
        axes.set_title(_MEASURES[measure][chosen], loc="left", fontsize=FONT + 1, color=theme.ink)
    grid[-1, 0].set_xlabel(_AXIS[chosen], fontsize=FONT, color=theme.ink)
    colors = [theme.right if verdict.promote else theme.wrong, theme.ink]
    canvas.figure.suptitle(_TITLES[verdict.promote][chosen], fontsize=FONT + 5, color=colors[0], weight="bold")
    handles, labels = grid[0, 0].get_legend_handles_labels()
    canvas.figure.legend(
        handles, labels, loc="outside lower center", ncols=3, frameon=False, fontsize=FONT, labelcolor=theme.ink
    )
    return canvas.png()


def _name(line: Line, name: str, chosen: int) -> str:
    known = _SETS.get(line.set)
    return f"{known[chosen] if known else name}\n{_PARTS[line.language][chosen]} ({line.rows:,})"


def _panel(axes: Axes, theme: Theme, lines: Sequence[Line], ticks: Sequence[str], chosen: int) -> None:
    """Bars below each other, with the intervals of the shares as whiskers."""
    colors = (theme.chosen, theme.right, theme.faint)
    shown = [[(line.candidate, line.rows), (line.live, line.rows), (line.base, line.base_rows)] for line in lines]
    least = 1.0
    for who, color in enumerate(colors):
        bars = [(place, *cells[who]) for place, cells in enumerate(shown) if cells[who][0] is not None]
        shares = [share or 0.0 for _, share, _ in bars]
        spans = [share_interval(share, rows) for share, (_, _, rows) in zip(shares, bars, strict=True)]
        whiskers = [
            [max(0.0, share - low) for share, (low, _) in zip(shares, spans, strict=True)],
            [max(0.0, high - share) for share, (_, high) in zip(shares, spans, strict=True)],
        ]
        places = [place + (who - 1) * _BAR for place, _, _ in bars]
        label = _WHO[who][chosen] if bars else None
        error = {"ecolor": theme.ink, "elinewidth": 0.9, "capsize": 2}
        axes.barh(places, shares, _BAR * 0.9, xerr=whiskers if bars else None, color=color, label=label, error_kw=error)
        for place, share, (low, high) in zip(places, shares, spans, strict=True):
            axes.text(high + 0.002, place, f"{share:.1%}", va="center", fontsize=FONT - 1.5, color=theme.ink)
            least = min(least, low)
    axes.set_yticks(range(len(ticks)), ticks, fontsize=FONT)
    axes.invert_yaxis()
    span = max(_LEAST_SPAN, 1 - least)
    axes.set_xlim(max(0.0, 1 - 1.15 * span), 1 + 0.2 * span)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}" if value <= 1.0001 else ""))
