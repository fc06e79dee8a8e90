"""How review cards look, and which buttons go below."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from bot import review_texts as texts
from bot.dialogue import Button
from bot.review import Card, Head, Progress
from bot.richtext import RichText, Style, join, plain
from bot.teaching import TEACHABLE
from bot.texts import INTENTS, TEACH
from bot.wording import Text
from nlp.learning.agreement import Agreement
from nlp.types import Language
from storage.records import Label

REVIEW = "rv"
INTENT, TOPIC, RIGHT, WRONG, GOLD, NEXT, UNDO, SHOW, INTENTS_PAGE, TOPICS_PAGE, NAME, LESSON = (
    *("i", "t", "r", "w", "g", "s", "u", "c", "I", "T", "n", "h"),
)
_LONGEST = 600  # characters of a message or an answer
_GUESSES = 3
_ON_A_PAGE = 12
_IN_A_ROW = 2
Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Tap:
    """What a button of a card says: what to do with which message; `name` is the digest of a label, or a page."""

    action: str
    message_id: int
    name: str = ""

    @property
    def data(self) -> str:
        """As it is kept in the button."""
        return ":".join([REVIEW, self.action, str(self.message_id), *([self.name] if self.name else [])])


def tap_of(value: str) -> Tap | None:
    """What the part of a button behind its name says; None for a foreign one."""
    action, _, rest = value.partition(":")
    number, _, name = rest.partition(":")
    if not action or not (number.isascii() and number.isdecimal() and len(number) <= 18):
        return None
    return Tap(action, int(number), name)


def digest(name: str) -> str:
    """A label's name in few bytes, as buttons have no room for long ones."""
    return hashlib.sha256(name.encode()).hexdigest()[:10]


def named(names: Sequence[str], wanted: str) -> str | None:
    """The label with this digest."""
    return next((name for name in names if digest(name) == wanted), None)


def card_text(card: Card, language: Language) -> RichText:
    """Progress, the message, its route, its answer, and what the reviewer has said so far."""
    message = card.message
    parts = [
        plain(progress_line(card.progress, language), Style.ITALIC),
        plain(_cut(message.text), Style.QUOTE),
        join([plain(line) for line in _facts(card, language)]),
        join([texts.ANSWERED.rich(language), plain(_cut(message.answer), Style.QUOTE)]),
    ]
    said = _said(card, language)
    if said:
        parts.append(texts.SAID_SO_FAR.rich(language, label=said))
    if card.agreement is not None:
        parts.append(plain(_agreement(card.agreement, language), Style.ITALIC))
    return join(parts, "\n\n")


def progress_line(progress: Progress, language: Language) -> str:
    """ "12 of 40 · 3 new labels · enough for a retraining at 20"."""
    enough = texts.ENOUGH_NOW if progress.fresh >= progress.enough else texts.ENOUGH_AT
    place = [texts.PLACE.plain(language, place=progress.place, total=progress.total)] if progress.place else []
    fresh = texts.FRESH.plain(language, fresh=progress.fresh)
    return " · ".join([*place, fresh, enough.plain(language, enough=progress.enough)])


def done_text(progress: Progress, language: Language) -> RichText:
    """What is said at the end of a batch."""
    return texts.REVIEW_DONE.rich(language, fresh=progress.fresh, enough=progress.enough)


def intent_name(name: str, language: Language) -> str:
    """An intent in words, as far as it has any."""
    return INTENTS[name].plain(language) if name in INTENTS else name


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _facts(card: Card, language: Language) -> list[str]:
    message = card.message
    routed = texts.ROUTED.plain(
        language, intent=intent_name(message.intent, language), score=f"{message.intent_score:.2f}"
    )
    facts = [routed]
    if message.topic:
        facts.append(texts.ON_TOPIC.plain(language, topic=message.topic, score=f"{message.topic_score or 0:.2f}"))
    if card.asked > 1:
        facts.append(texts.ASKED.plain(language, times=card.asked))
    return facts


def _said(card: Card, language: Language) -> str:
    """What the reviewer has said, in words."""
    label, said = card.label, []
    if label and label.intent:
        said.append(intent_name(label.intent, language))
    if label and label.topic:
        said.append(label.topic)
    if label and label.golden:
        said.append(texts.GOLDEN.plain(language))
    if card.verdict:
        said.append((texts.ANSWER_RIGHT if card.verdict > 0 else texts.ANSWER_WRONG).plain(language))
    return ("、" if language == "zh" else ", ").join(said)


def _agreement(found: Agreement, language: Language) -> str:
    return texts.AGREE.plain(language, same=found.agreed, both=found.items, alpha=f"{found.alpha:.2f}")


def card_buttons(card: Card, intents: Sequence[str], topics: Sequence[str], language: Language) -> Rows:
    """The best guesses, and everything else that can be said of a message."""
    number, label = card.message.message_id, card.label
    guesses = [_choice(INTENT, number, name, label, language) for name in _offered(intents, label, "intent")]
    about = [_choice(TOPIC, number, name, label, language) for name in _offered(topics, label, "topic")]
    gild = texts.UNGILD if label and label.golden else texts.GILD
    onward = texts.NEXT if label or card.verdict else texts.SKIP

    def button(text: Text, action: str) -> Button:
        return Button(text.plain(language), Tap(action, number).data)

    rows: list[list[Button]] = [
        [button(texts.RIGHT, RIGHT), button(texts.WRONG, WRONG)],
        *_rows([*guesses, button(texts.OTHER_INTENT, INTENTS_PAGE)]),
        *_rows([*about, button(texts.OTHER_TOPIC, TOPICS_PAGE)] if topics else []),
        [button(texts.NEW_INTENT, NAME), button(gild, GOLD)],
        [button(TEACH, LESSON)] if card.message.kind in TEACHABLE else [],
        [button(texts.UNDO, UNDO), button(onward, NEXT)],
    ]
    return tuple(tuple(row) for row in rows if row)


def page_buttons(card: Card, head: Head, names: Sequence[str], page: int, language: Language) -> Rows:
    """One page of all intents, or of all topics."""
    number, action = card.message.message_id, INTENT if head == "intent" else TOPIC
    pages = max(1, -(-len(names) // _ON_A_PAGE))
    page = min(page, pages - 1)
    shown = names[page * _ON_A_PAGE : (page + 1) * _ON_A_PAGE]
    turn = INTENTS_PAGE if head == "intent" else TOPICS_PAGE
    turns = [Button("◀", Tap(turn, number, str(page - 1)).data)] if page else []
    turns.append(Button(texts.BACK.plain(language), Tap(SHOW, number).data))
    turns += [Button("▶", Tap(turn, number, str(page + 1)).data)] if page + 1 < pages else []
    choices = [_choice(action, number, name, card.label, language) for name in shown]
    return (*(tuple(row) for row in _rows(choices)), tuple(turns))


def _offered(names: Sequence[str], label: Label | None, head: Head) -> list[str]:
    """The best guesses, and what was chosen."""
    chosen = getattr(label, head) if label else None
    return list(dict.fromkeys([*names[:_GUESSES], *([chosen] if chosen else [])]))


def _choice(action: str, number: int, name: str, label: Label | None, language: Language) -> Button:
    """One label to choose; a tick stands at the one that was chosen."""
    chosen = label is not None and name == (label.intent if action == INTENT else label.topic)
    shown = intent_name(name, language) if action == INTENT else f"# {name}"
    return Button(f"✓ {shown}" if chosen else shown, Tap(action, number, digest(name)).data)


def _rows(buttons: Sequence[Button]) -> list[list[Button]]:
    return [list(buttons[place : place + _IN_A_ROW]) for place in range(0, len(buttons), _IN_A_ROW)]
