"""The charts of /stats: one picture of small panels, from plain data; panels without data are left out."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from nlp.evaluation.report.canvas import FONT, LIGHT, Canvas, Lettering, Theme, choose_lettering
from nlp.learning.drift import DriftRules, Level, Shift
from nlp.types import Language

_COLUMNS, _WIDTH, _HEIGHT = 2, 7.2, 2.3  # panels beside each other; inches of the picture, and of a row of panels
_BARS = 8  # of the most frequent intents or topics
_DAYS = 5  # dates that are named below a chart
_VERSIONS = 12
Words = tuple[str, str]
_NAMES: dict[str, Words] = {"en": ("English", "英文"), "zh": ("Chinese", "中文")}
_SHIFTS: dict[str, Words] = {
    "intents": ("intents", "意图"),
    "topics": ("topics", "话题"),
    "languages": ("languages", "语言"),
    "unknown": ("not known", "未知占比"),
    "evidence": ("evidence", "证据得分"),
}
_NOTHING: Words = ("No data yet", "暂无数据")
_GOOD: Words = ("good", "好评")
_BAD: Words = ("bad", "差评")
_HALF: Words = ("median", "中位数")
_MOST: Words = ("95 %", "95 %")


@dataclass(frozen=True)
class Statistics:
    """What is drawn. The daily series go with `days` (ISO dates, oldest first) and are empty where nothing is known.

    `latency` holds the median and the 95th percentile of milliseconds, None on days without answers; `votes` good and
    bad ones; `accuracy` is that of each version, in [0, 1], oldest first.
    """

    days: Sequence[str] = ()
    messages: Sequence[int] = ()
    votes: Sequence[tuple[int, int]] = ()
    latency: Sequence[tuple[float, float] | None] = ()
    languages: Mapping[str, int] = field(default_factory=dict)
    intents: Mapping[str, int] = field(default_factory=dict)
    topics: Mapping[str, int] = field(default_factory=dict)
    accuracy: Sequence[tuple[str, float]] = ()
    drift: Sequence[Shift] = ()


@dataclass(frozen=True)
class _Pen:
    """What every panel needs: its colours, its fonts, and which of two wordings is shown."""

    theme: Theme
    lettering: Lettering
    chosen: int

    def names(self, labels: Sequence[str]) -> list[str]:
        """Labels as they can be drawn."""
        numbers = {label: place for place, label in enumerate(labels, 1)}
        return self.lettering.names(labels, numbers)


Draw = Callable[[Axes, _Pen, Statistics], None]


def draw_statistics(data: Statistics, language: Language = "en", theme: Theme = LIGHT) -> bytes:
    """The charts as a PNG file; in English where no Chinese font is installed."""
    lettering = choose_lettering([*data.intents, *data.topics, *(name for name, _ in data.accuracy)])
    pen = _Pen(theme, lettering, int(language == "zh" and len(lettering.families) > 1))
    panels = [(title, draw) for title, draw, filled in _PANELS if filled(data)]
    rows = max(1, math.ceil(len(panels) / _COLUMNS))
    canvas = Canvas(theme, lettering, _WIDTH, rows * _HEIGHT)
    grid = canvas.figure.subplots(rows, _COLUMNS, squeeze=False)
    for axes in grid.flat[len(panels) :]:
        axes.set_axis_off()
    if not panels:
        grid[0, 0].text(0, 0.5, _NOTHING[pen.chosen], fontsize=FONT + 2, color=theme.ink)
    for axes, (title, draw) in zip(grid.flat, panels, strict=False):
        canvas.dress(axes)
        draw(axes, pen, data)
        axes.set_title(title[pen.chosen], loc="left", fontsize=FONT + 1, color=theme.ink)
    return canvas.png()


def _messages(axes: Axes, pen: _Pen, data: Statistics) -> None:
    axes.bar(range(len(data.messages)), data.messages, color=pen.theme.right)
    _daily(axes, data.days)


def _votes(axes: Axes, pen: _Pen, data: Statistics) -> None:
    """Good votes upwards, bad ones downwards."""
    places = range(len(data.votes))
    axes.bar(places, [good for good, _ in data.votes], color=pen.theme.chosen, label=_GOOD[pen.chosen])
    axes.bar(places, [-bad for _, bad in data.votes], color=pen.theme.wrong, label=_BAD[pen.chosen])
    axes.axhline(0, color=pen.theme.faint, linewidth=0.8)
    _daily(axes, data.days)
    axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):,.0f}")
    _legend(axes, pen)


def _latency(axes: Axes, pen: _Pen, data: Statistics) -> None:
    curves = ((_HALF, 0, pen.theme.right), (_MOST, 1, pen.theme.wrong))
    for words, which, color in curves:
        values = [math.nan if day is None else day[which] for day in data.latency]
        axes.plot(values, color=color, marker="o", markersize=3, label=words[pen.chosen])
    axes.set_ylim(bottom=0)
    _daily(axes, data.days)
    _legend(axes, pen)


def _daily(axes: Axes, days: Sequence[str]) -> None:
    """Some of the dates, as month and day."""
    step = max(1, math.ceil(len(days) / _DAYS))
    axes.set_xticks(range(0, len(days), step), [day[5:] for day in days[::step]])
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))


def _legend(axes: Axes, pen: _Pen) -> None:
    axes.legend(loc="upper left", ncols=2, frameon=False, fontsize=FONT - 1.5, labelcolor=pen.theme.ink)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.25 * (high - low))  # room for the legend


def _languages(axes: Axes, pen: _Pen, data: Statistics) -> None:
    names = {_NAMES[name][pen.chosen] if name in _NAMES else name: count for name, count in data.languages.items()}
    _ranking(axes, pen, names)


def _intents(axes: Axes, pen: _Pen, data: Statistics) -> None:
    _ranking(axes, pen, data.intents)


def _topics(axes: Axes, pen: _Pen, data: Statistics) -> None:
    _ranking(axes, pen, data.topics)


def _ranking(axes: Axes, pen: _Pen, counts: Mapping[str, int]) -> None:
    """The most frequent first, with their counts."""
    labels = sorted(counts, key=lambda name: -counts[name])[:_BARS]
    _bars(axes, pen.theme, pen.names(labels), [counts[name] for name in labels], "{:,.0f}", pen.theme.right)


def _bars(
    axes: Axes, theme: Theme, names: Sequence[str], values: Sequence[float], form: str, color: str | Sequence[str]
) -> None:
    drawn = axes.barh(range(len(values)), values, color=color)
    axes.bar_label(drawn, [form.format(value) for value in values], padding=2, fontsize=FONT - 1.5, color=theme.ink)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.25 * max(values, default=0) or 1)
    axes.xaxis.set_major_locator(MaxNLocator(3))


def _accuracy(axes: Axes, pen: _Pen, data: Statistics) -> None:
    shown = data.accuracy[-_VERSIONS:]
    axes.plot([share for _, share in shown], color=pen.theme.right, marker="o", markersize=4)
    for place, (_, share) in enumerate(shown):
        if place in (0, len(shown) - 1):
            text = f"{share:.1%}"
            axes.annotate(
                text,
                (place, share),
                (0, 6),
                textcoords="offset points",
                ha="center",
                fontsize=FONT - 1,
                color=pen.theme.ink,
            )
    axes.margins(x=0.15, y=0.3)
    names = pen.names([name for name, _ in shown])
    step = max(1, math.ceil(len(shown) / 3))
    axes.set_xticks(range(0, len(shown), step), [_short(name) for name in names[::step]])
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=1))


def _short(version: str) -> str:
    """A version named by time and content is told by its month, day and hour."""
    stamp, _, rest = version.partition("-")
    return f"{stamp[4:6]}-{stamp[6:8]} {rest[:2]}h" if len(stamp) == 8 and stamp.isdigit() else version


def _drift(axes: Axes, pen: _Pen, data: Statistics) -> None:
    """The index of each distribution, coloured by its level, with both thresholds."""
    rules = DriftRules()
    colors = {Level.ALARM: pen.theme.wrong, Level.WATCH: pen.theme.right, Level.STABLE: pen.theme.chosen}
    known = [shift for shift in data.drift if shift.level is not Level.TOO_FEW]
    names = [_SHIFTS[shift.name][pen.chosen] if shift.name in _SHIFTS else shift.name for shift in known]
    _bars(axes, pen.theme, names, [s.psi for s in known], "{:.2f}", [colors[s.level] for s in known])
    axes.set_xlim(0, max([1.4 * rules.alarm, *(1.25 * shift.psi for shift in known)]))
    for threshold in (rules.watch, rules.alarm):
        axes.axvline(threshold, color=pen.theme.ink, linewidth=0.7, linestyle=":")


_PANELS: tuple[tuple[Words, Draw, Callable[[Statistics], bool]], ...] = (
    (("Messages a day", "每日消息数"), _messages, lambda data: bool(data.messages)),
    (("Votes a day", "每日评价"), _votes, lambda data: any(good or bad for good, bad in data.votes)),
    (("Languages", "语言"), _languages, lambda data: bool(data.languages)),
    (("Milliseconds an answer", "回答用时（毫秒）"), _latency, lambda data: any(data.latency)),
    (("Intents", "意图"), _intents, lambda data: bool(data.intents)),
    (("Topics", "话题"), _topics, lambda data: bool(data.topics)),
    (("Accuracy of versions", "各版本正确率"), _accuracy, lambda data: bool(data.accuracy)),
    (
        ("Drift (PSI: 0.1 look, 0.25 act)", "漂移（PSI：0.1 关注，0.25 处理）"),
        _drift,
        lambda data: any(shift.level is not Level.TOO_FEW for shift in data.drift),
    ),
)
