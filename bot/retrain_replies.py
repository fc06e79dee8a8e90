"""How training runs and versions are told in the chat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot import retrain_texts as texts
from bot.dialogue import Button
from bot.retraining import Progress
from bot.richtext import RichText, Style, join, plain, to_plain
from bot.ruling_replies import Decision, decision_text, is_decision
from bot.training_run import OUTDATED
from bot.verdict_replies import verdict_text
from nlp.errors import DataError
from nlp.learning.verdict import Verdict
from nlp.types import Language
from storage.records import Rollout, RolloutStatus, Run, RunStatus

ROLL_BACK = "rollback"  # the name of the button
_BAR = 20
_SHOWN = 10
_IDLE = frozenset({"nothing", "few"})


def kind_name(kind: str, language: Language) -> str:
    """What a kind of model is called."""
    text = texts.KINDS.get(kind)
    return text.plain(language) if text else kind


def progress_text(run: Run, progress: Progress | None, language: Language) -> RichText:
    """How far a run is: phase, bar, per cent, and the time left where it can be told."""
    known = progress if progress is not None and progress.run_id == run.id else None
    phase = known.phase if known else run.phase or "queued"
    share = known.share if known else 0.0
    title = texts.PROGRESS.rich(
        language,
        kind=kind_name(run.kind, language),
        run=run.id,
        phase=texts.PHASES.get(phase, texts.PHASES["train"]).plain(language),
    )
    filled = round(_BAR * share)
    line = f"{'█' * filled}{'░' * (_BAR - filled)} {share:.0%}"
    if known and known.seconds_left is not None:
        line += " · " + texts.LEFT.plain(language, seconds=max(1, round(known.seconds_left)))
    return join([title, plain(line, Style.CODE), texts.STOP.rich(language)])


def end_text(run: Run, rollout: Rollout | None, language: Language, *, hot: bool) -> RichText:
    """How a run ended: the verdict with its figures, and what serves; `hot` kinds serve without a new start."""
    kind = kind_name(run.kind, language)
    if run.status is RunStatus.CANCELLED:
        return texts.CANCELLED.rich(language, kind=kind)
    if run.status is RunStatus.FAILED:
        reason = texts.ERRORS.get(reason_of(run), texts.ERRORS["unforeseen"])
        wording = texts.NOTHING_YET if is_idle(run) else texts.FAILED
        return wording.rich(language, kind=kind, reason=reason.plain(language))
    parts = [stored_verdict(run.verdict, language)]
    if run.error == OUTDATED:
        parts.append(texts.OUTDATED.rich(language))
    elif run.verdict and run.verdict.get("promote"):
        parts.append(_served(run, rollout, language, hot=hot))
    return join(parts, "\n\n")


def reason_of(run: Run) -> str:
    """The word for why a run failed."""
    return (run.error or "").partition(":")[0]


def is_idle(run: Run) -> bool:
    """True for a run that ended because there is nothing to learn yet, which is no failure."""
    return run.status is RunStatus.FAILED and reason_of(run) in _IDLE


def _served(run: Run, rollout: Rollout | None, language: Language, *, hot: bool) -> RichText:
    if rollout is not None and rollout.status is RolloutStatus.CANARY:
        return texts.TRIED.rich(language, version=run.version, share=round(100 * rollout.share))
    return (texts.SERVES if hot else texts.NEXT_START).rich(language, version=run.version)


def stored_verdict(raw: Mapping[str, Any] | None, language: Language) -> RichText:
    """A verdict as it is stored, in words and figures; that it is none where there is none that can be read."""
    try:
        if is_decision(raw or {}):
            return decision_text(Decision.from_dict(raw or {}), language)
        return verdict_text(Verdict.from_dict(raw or {}), language)
    except DataError:
        return texts.NOT_JUDGED.rich(language)


def end_buttons(run: Run, language: Language) -> tuple[tuple[Button, ...], ...]:
    """The button that takes a version back, where one was put into service."""
    promoted = run.status is RunStatus.DONE and run.error is None and run.verdict and run.verdict.get("promote")
    if not promoted:
        return ()
    return ((Button(texts.ROLL_BACK.plain(language), f"{ROLL_BACK}:{run.kind}:{run.version}"),),)


@dataclass(frozen=True, slots=True)
class Version:
    """A stored version as it is listed: what it is (serves, trial, before, base), its accuracy and its verdict."""

    name: str
    marks: tuple[str, ...]
    accuracy: float | None
    verdict: Mapping[str, Any] | None


def models_text(kind: str, versions: Sequence[Version], language: Language) -> RichText:
    """The newest versions, of at least one, each with its verdict in one line."""
    lines = [texts.MODELS.rich(language, kind=kind_name(kind, language))]
    for version in versions[:_SHOWN]:
        marks = ", ".join(texts.MARKS[mark].plain(language) for mark in version.marks)
        figure = "" if version.accuracy is None else f"{version.accuracy:.1%}"
        head = [plain(version.name, Style.CODE), plain(" · ".join(["", *filter(None, (marks, figure))]))]
        said = to_plain(stored_verdict(version.verdict, language)).partition("\n")[0]
        lines.append(join([join(head, ""), plain(said, Style.ITALIC)]))
    return join(lines, "\n\n")
