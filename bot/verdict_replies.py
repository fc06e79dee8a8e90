"""How the verdict on a new version is told: the decision in plain words, then the figures."""

from collections.abc import Mapping
from typing import Any

from bot import verdict_texts as texts
from bot.richtext import RichText, join, plain, to_plain
from bot.ruling_replies import Decision, decision_rows, is_decision
from bot.wording import Text
from nlp.errors import DataError
from nlp.learning.verdict import Code, Line, Reason, Value, Verdict
from nlp.types import Language

_CLASSES = 5  # of those that lost most
_NAMES: Mapping[str, Mapping[str, Text]] = {"set": texts.SETS, "part": texts.PARTS, "measure": texts.MEASURES}
_SIGNED = frozenset({"points", "low"})
_SHARES = frozenset({"share", "candidate", "live"})


def verdict_text(verdict: Verdict, language: Language) -> RichText:
    """The decision and its first reason in one line, further reasons, and a small table."""
    parts = [_decision(verdict, language), join(_further(verdict, language)), join(_table(verdict, language))]
    return join(parts, "\n\n")


def reason_text(reason: Reason, language: Language) -> str:
    """One reason, as a part of a sentence."""
    values = {name: _shown(reason.code, name, value, language) for name, value in reason.values.items()}
    return texts.REASONS[reason.code].plain(language, **values)


def _shown(code: Code, name: str, value: Value, language: Language) -> str:
    if name in _NAMES:
        return _name(name, str(value), language)
    if isinstance(value, str):
        return value
    if name in _SIGNED:
        return f"{value:.1f}" if code is Code.CROWDED else f"{value:+.1f}"
    return f"{value:.0%}" if name in _SHARES else f"{value:.3g}" if isinstance(value, float) else str(value)


def _name(kind: str, value: str, language: Language) -> str:
    """What a set, language or measure is called; an owner's own set goes by its name."""
    text = _NAMES[kind].get(value)
    return text.plain(language) if text else value


def _split(verdict: Verdict) -> tuple[list[Reason], list[Reason]]:
    """What speaks for it, the surest first, and what against."""
    gains = [reason for reason in verdict.reasons if reason.speaks_for]
    gains.sort(key=lambda reason: reason.values.get("p", 0.0) if reason.code is Code.BETTER else 1.0)
    return gains, [reason for reason in verdict.reasons if not reason.speaks_for]


def _decision(verdict: Verdict, language: Language) -> RichText:
    gains, against = _split(verdict)
    if verdict.promote:
        return texts.SERVES.rich(language, gain=reason_text(gains[0], language))
    return texts.KEPT_OUT.rich(language, reason=reason_text(against[0], language))


def _further(verdict: Verdict, language: Language) -> list[RichText]:
    gains, against = _split(verdict)
    more = gains[1:] if verdict.promote else gains
    wording = texts.ALSO_FOR if verdict.promote else texts.THOUGH
    sentences = [(texts.ALSO_AGAINST, reason) for reason in against[1:]] + [(wording, reason) for reason in more]
    return [text.rich(language, reason=reason_text(reason, language)) for text, reason in sentences]


def _table(verdict: Verdict, language: Language) -> list[RichText]:
    rows = [_line(line, language) for line in verdict.lines if line.measure == "intent" or line.language == "all"]
    for kind in verdict.classes[:_CLASSES]:
        values = {"rows": kind.rows, "live": kind.live, "candidate": kind.candidate}
        name = _name("part", kind.language, language)
        rows.append(texts.CHANGED.rich(language, label=kind.label, part=name, **values))
    speed = {"live": f"{verdict.latency.live_ms:.1f}", "candidate": f"{verdict.latency.candidate_ms:.1f}"}
    return [(*plain("• "), *row) for row in (*rows, texts.SPEED.rich(language, **speed))]


def _line(line: Line, language: Language) -> RichText:
    return texts.LINE.rich(
        language,
        set=_name("set", line.set, language),
        measure=_name("measure", line.measure, language),
        part=_name("part", line.language, language),
        live=f"{line.live:.1%}",
        candidate=f"{line.candidate:.1%}",
        points=f"{line.points:+.1f}",
        rows=line.rows,
    )


def verdict_rows(raw: Mapping[str, Any], language: Language = "en") -> list[tuple[str, str]]:
    """A stored verdict as rows of a table for the terminal: name and value."""
    try:
        if is_decision(raw):
            return decision_rows(Decision.from_dict(raw), language)
        verdict = Verdict.from_dict(raw)
    except DataError as error:
        return [("verdict", str(error))]
    decision = [("verdict", to_plain(_decision(verdict, language)))]
    reasons = [("", to_plain(text)) for text in _further(verdict, language)]
    return [*decision, *reasons, *[("", to_plain(text)) for text in _table(verdict, language)]]
