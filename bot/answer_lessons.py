"""From judged answers to what each kind learns: pairs for the retriever, votes for thresholds, lessons to write."""

from collections import defaultdict
from collections.abc import Sequence

from bot.judgements import Judgement, KnownPassage
from nlp.generators.support import SupportChecker
from nlp.learning.mining import MOST, Judged, mine
from nlp.retriever import Retriever
from nlp.training.division import same_question
from nlp.training.lessons import Lesson, supported, task_over
from nlp.training.pairs import Pair
from nlp.training.thresholds import Reviewed

_FOUND = 10  # passages that a search offers as hard negatives
_APPROVED = 1.0  # what a right answer counts for, as one vote


def pairs_of(answers: Sequence[Judgement], passages: Sequence[KnownPassage], retriever: Retriever) -> list[Pair]:
    """Questions with passages; the search is made anew for each, as it is now, because what it found is not kept."""
    found: dict[str, tuple[int, ...]] = {}
    judged: list[Judged] = []
    for answer in answers:
        key = same_question(answer.question)
        if key not in found:
            found[key] = tuple(hit.key for hit in retriever.search(answer.question, _FOUND))
        if answer.answered and answer.opinion:
            judged.append(Judged(answer.question, answer.cited, found[key], answer.opinion, answer.origin))
        if answer.approved:
            judged.append(Judged(answer.question, answer.approved, found[key], _APPROVED, answer.origin))
    return mine(judged, {passage.key: passage.embedded for passage in passages})


def reviewed_of(answers: Sequence[Judgement]) -> list[Reviewed]:
    """Votes on answers and on refusals. What had to be corrected was wrong to answer, and right to refuse."""
    rows = []
    for answer in answers:
        if answer.confidence is None or not (answer.opinion or answer.correction):
            continue
        right = not answer.correction and (answer.opinion > 0) is answer.answered
        weight = min(abs(answer.opinion) or _APPROVED, MOST)
        rows.append(Reviewed(answer.question, answer.confidence, right, weight, answer.origin))
    return rows


def lessons_of(answers: Sequence[Judgement], passages: Sequence[KnownPassage], checker: SupportChecker) -> list[Lesson]:
    """Answers that were liked or corrected and that their sources support, each with a disliked one where there is."""
    known = {passage.key: passage.passage() for passage in passages}
    disliked: dict[str, str] = defaultdict(str)
    for answer in answers:
        if answer.answered and (answer.opinion < 0 or answer.correction):
            disliked[same_question(answer.question)] = answer.answer
    found = []
    for answer in answers:
        good = answer.correction or (answer.answer if answer.answered and answer.opinion > 0 else "")
        sources = [known[key] for key in dict.fromkeys((*answer.approved, *answer.cited)) if key in known]
        if not (good and sources):
            continue
        weight = min(max(answer.opinion, _APPROVED), MOST)
        bad = disliked[same_question(answer.question)]
        lesson = supported(Lesson(task_over(answer.question, sources), good, bad, weight, answer.origin), checker)
        found += [lesson] if lesson else []
    return found
