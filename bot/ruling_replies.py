"""How the verdict on a new retriever, thresholds or generator is told: the decision, then the figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from bot import ruling_texts as texts
from bot.richtext import RichText, join, plain, to_plain
from nlp.errors import DataError
from nlp.learning.ruling import Figure, Ruling
from nlp.types import Language

_LISTED = "ruling"  # what tells such a verdict from one on a router
_SHARES = frozenset(texts.MEASURES) - {"likelihood"}


@dataclass(frozen=True, slots=True)
class Decision:
    """What the gate says, with how many phrases the candidate has by heart that it must not know."""

    promote: bool
    ruling: Ruling
    leaked: int = 0

    def to_dict(self) -> dict[str, Any]:
        """As it is stored as the verdict of a run and of a version."""
        return {"promote": self.promote, _LISTED: self.ruling.to_dict(), "leaked": self.leaked}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """The decision that `to_dict` described.

        Raises:
            DataError: it did not.
        """
        try:
            return cls(bool(raw["promote"]), Ruling.from_dict(raw[_LISTED]), int(raw["leaked"]))
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"this is not what a gate said ({error}): judge the candidate again") from error


def is_decision(raw: Mapping[str, Any]) -> bool:
    """True for a stored verdict of this kind."""
    return _LISTED in raw


def decision_text(decision: Decision, language: Language) -> RichText:
    """The decision in one line, and a small table."""
    return join([_said(decision, language), join(_table(decision, language))], "\n\n")


def decision_rows(decision: Decision, language: Language = "en") -> list[tuple[str, str]]:
    """The same as rows of a table for the terminal: name and value."""
    return [
        ("verdict", to_plain(_said(decision, language))),
        *[("", to_plain(line)) for line in _table(decision, language)],
    ]


def _said(decision: Decision, language: Language) -> RichText:
    figures = decision.ruling.figures
    if decision.promote:
        return (texts.SERVES if decision.ruling.serves and figures else texts.REPLACES).rich(language)
    if decision.leaked:
        return texts.KEPT_OUT["leaked"].rich(language, count=decision.leaked)
    worst = next((figure for figure in figures if figure.outcome == "worse"), None)
    if worst is None:
        return texts.KEPT_OUT["no_gain"].rich(language)
    measure, where = _measure(worst, language), _where(worst, language)
    return texts.KEPT_OUT["worse"].rich(language, measure=measure, where=where)


def _table(decision: Decision, language: Language) -> list[RichText]:
    """What is worse or better, and one line for each of the rest that is known."""
    order = {"worse": 0, "better": 1, "as_good": 2, "unknown": 3}
    ordered = sorted(decision.ruling.figures, key=lambda figure: order[figure.outcome])
    return [(*plain("• "), *_line(figure, language)) for figure in ordered if figure.items]


def _line(figure: Figure, language: Language) -> RichText:
    form = ".1%" if figure.measure in _SHARES else ".3f"
    return texts.LINE.rich(
        language,
        measure=_measure(figure, language),
        where=_where(figure, language),
        before=format(figure.before, form),
        after=format(figure.after, form),
        outcome=texts.OUTCOMES[figure.outcome].plain(language),
        items=figure.items,
    )


def _measure(figure: Figure, language: Language) -> str:
    text = texts.MEASURES.get(figure.measure)
    return text.plain(language) if text else figure.measure


def _where(figure: Figure, language: Language) -> str:
    """The set and the language of the questions, which a figure names as "held out, en"."""
    name, _, of = figure.where.rpartition(", ")
    if name not in texts.SETS or of not in texts.LANGUAGES:
        return figure.where
    part = texts.LANGUAGES[of].plain(language)
    return texts.WHERE.plain(language, set=texts.SETS[name].plain(language), part=part)
