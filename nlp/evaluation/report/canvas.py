"""What all pictures of a report share: colours for light and dark pages, fonts for English and Chinese, saving.

Figures are made without pyplot, so nothing global is changed. The colours are those of Okabe & Ito (2008), which
people with any kind of colour vision tell apart.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator, PercentFormatter

_PLAIN = "DejaVu Sans"  # comes with matplotlib
_CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "Noto Sans CJK JP",
    "Noto Serif CJK SC",
    "SimSun",
)
_LONGEST = 26  # characters of a label in a picture
_DPI = 160
FONT = 9.5


@dataclass(frozen=True)
class Theme:
    """Colours of one look: page, text, lines, and what is right, wrong and chosen."""

    suffix: str
    page: str
    ink: str
    faint: str
    right: str
    wrong: str
    chosen: str


LIGHT = Theme("", "#ffffff", "#1c2430", "#c9d0da", "#0072b2", "#d55e00", "#009e73")
DARK = Theme(".dark", "#161b22", "#e3e8ef", "#4a5361", "#56b4e9", "#e69f00", "#2fc79a")
THEMES = (LIGHT, DARK)


@dataclass(frozen=True)
class Lettering:
    """The fonts at hand. `numbered` holds where they lack a character of some label: then numbers stand for labels."""

    families: tuple[str, ...]
    numbered: bool = False

    def names(self, labels: Iterable[str], numbers: dict[str, int]) -> list[str]:
        """What stands in a picture for each label."""
        if self.numbered:
            return [f"#{numbers[label]}" for label in labels]
        return [shorten(label) for label in labels]

    def words(self, english: str, chinese: str) -> str:
        """Both wordings where there is a Chinese font, else the English one."""
        return f"{english} · {chinese}" if len(self.families) > 1 else english


def choose_lettering(labels: Iterable[str]) -> Lettering:
    """The lettering in which all labels can be drawn."""
    chinese = _installed()
    families = (_PLAIN, chinese) if chinese else (_PLAIN,)
    drawable = frozenset().union(*map(_characters, families))
    return Lettering(families, not all(drawable.issuperset(map(ord, shorten(label))) for label in labels))


def _installed() -> str | None:
    found = _listed()
    if found is None:
        _renew_list()
        found = _listed()
    return found


def _listed() -> str | None:
    found = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in _CHINESE if name in found), None)


@cache
def _renew_list() -> None:
    """Add the fonts that were installed after matplotlib wrote its list, which it does not renew by itself."""
    known = {font.fname for font in font_manager.fontManager.ttflist}
    for path in sorted(set(font_manager.findSystemFonts()) - known):
        with suppress(OSError, RuntimeError):  # a file that is no font
            font_manager.fontManager.addfont(path)


@cache
def _characters(family: str) -> frozenset[int]:
    return frozenset(FT2Font(font_manager.findfont(family)).get_charmap())


def shorten(label: str) -> str:
    """A label on one line and of bounded length."""
    line = " ".join(label.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


class Canvas:
    """One figure being drawn, in inches."""

    def __init__(self, theme: Theme, lettering: Lettering, width: float, height: float) -> None:
        self.theme = theme
        self.lettering = lettering
        self.figure = Figure(figsize=(width, height), dpi=_DPI, layout="constrained", facecolor=theme.page)

    def axes(self, heights: tuple[float, ...] = (1,)) -> list[Axes]:
        """Axes of these relative heights, one above the other with a common x axis, framed left and below only."""
        grid = self.figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)
        found: list[Axes] = list(np.ravel(grid))
        for axes in found:
            self.dress(axes)
        return found

    def dress(self, axes: Axes) -> None:
        """The theme's colours, and a frame left and below only."""
        axes.set_facecolor(self.theme.page)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(self.theme.faint)
        axes.tick_params(colors=self.theme.ink, labelsize=FONT - 1, length=3)

    def whole(self, axes: Axes, most: int = 5) -> None:
        """Mark whole numbers only on the y axis, about `most` of them."""
        axes.yaxis.set_major_locator(MaxNLocator(most, integer=True))

    def percent(self, axes: Axes, which: str = "xy") -> None:
        """Show fractions as per cent."""
        for axis in (getattr(axes, f"{name}axis") for name in which):
            axis.set_major_formatter(PercentFormatter(1, decimals=0))

    def label(self, axes: Axes, x: tuple[str, str] | None = None, y: tuple[str, str] | None = None) -> None:
        """Name the axes, in English and Chinese."""
        if x:
            axes.set_xlabel(self.lettering.words(*x), fontsize=FONT, color=self.theme.ink)
        if y:
            axes.set_ylabel(self.lettering.words(*y), fontsize=FONT, color=self.theme.ink)

    def legend(self, axes: Axes) -> None:
        """A legend without a frame, where a rising curve leaves room."""
        axes.legend(loc="lower right", frameon=False, fontsize=FONT - 1, labelcolor=self.theme.ink)

    def save(self, folder: Path, name: str) -> None:
        """Write the picture; the name tells the theme."""
        self._write(folder / f"{name}{self.theme.suffix}.png")

    def png(self) -> bytes:
        """The picture as a PNG file."""
        file = BytesIO()
        self._write(file)
        return file.getvalue()

    def _write(self, target: Path | BytesIO) -> None:
        for text in self.figure.findobj(Text):
            text.set_fontfamily(list(self.lettering.families))
            text.set_parse_math(False)
        self.figure.savefig(target, format="png", bbox_inches="tight", pad_inches=0.08)
