"""`dawen review`: the cards of /review in the terminal."""

from collections.abc import Awaitable, Callable

from bot import console
from bot import review_texts as texts
from bot.app import App, open_app
from bot.commands.talk import OWNER, TERMINAL, read_line
from bot.progress import Progress
from bot.review import LONGEST_NAME, Card, Head, new_name
from bot.review_replies import card_text, done_text, intent_name
from bot.richtext import to_plain
from bot.settings import Settings
from bot.teaching import TEACHABLE, Lesson
from storage.records import Reviewed

_SHOWN = 8
_HELP = (
    "NUMBER intent · t NUMBER topic · n NAME new intent · + all right · - wrong answer · * golden · a TEXT teach the "
    "answer · ? all names · u undo · Enter next · q end"
)


async def review(settings: Settings) -> None:
    """Go through a batch of cards until it, or the input, ends."""
    async with open_app(settings, Progress()) as app:
        await app.access.admit(OWNER, TERMINAL)
        card = await app.review.begin(OWNER.id)
        if card is None:
            _print(texts.REVIEW_EMPTY.plain("en"))
            return
        while card is not None:
            await _show(app, card)
            line = read_line()
            if line is None or line.strip() == "q":
                return
            card = await _do(app, card, line.strip())
        _print(to_plain(done_text(await app.review.progress(OWNER.id), "en")))


async def _show(app: App, card: Card) -> None:
    _print(f"\n{to_plain(card_text(card, 'en'))}\n")
    for head in ("intent", "topic"):
        await _list(app, card.message, "intent" if head == "intent" else "topic", _SHOWN)
    _print(_HELP)


async def _list(app: App, message: Reviewed, head: Head, most: int | None) -> None:
    names = await app.review.names(head, message)
    shown = [intent_name(name, "en") if head == "intent" else name for name in names[:most]]
    if shown:
        _print(f"{head}: " + "  ".join(f"{number} {name}" for number, name in enumerate(shown, 1)))


async def _do(app: App, card: Card, line: str) -> Card | None:
    """Do what a line says; the card to show then."""
    number, use = card.message.message_id, app.review
    word, _, rest = line.partition(" ")
    if line in _MARKS:
        return await _MARKS[line](app, card)
    if line.isascii() and line.isdecimal():
        await _choose(app, card, "intent", line)
    elif word in _WORDS and rest.strip():
        await _WORDS[word](app, card, rest.strip())
    else:
        _print(f"{line!r} says nothing that I know.")
    return await use.card(OWNER.id, number) or await use.next(OWNER.id, number)


async def _choose(app: App, card: Card, head: Head, place: str) -> None:
    names = await app.review.names(head, card.message)
    if place.isascii() and place.isdecimal() and 1 <= int(place[:6]) <= len(names):
        await app.review.label(OWNER.id, card.message.message_id, head, names[int(place) - 1])
    else:
        _print(f"There is no {head} {place!r}: use a number from 1 to {len(names)}.")


async def _topic(app: App, card: Card, place: str) -> None:
    await _choose(app, card, "topic", place)


async def _name(app: App, card: Card, text: str) -> None:
    name = new_name(text)
    if name is None:
        _print(texts.NAME_BAD.plain("en", name=text[:LONGEST_NAME], most=LONGEST_NAME))
    else:
        await app.review.label(OWNER.id, card.message.message_id, "intent", name)


async def _teach(app: App, card: Card, text: str) -> None:
    if card.message.kind not in TEACHABLE:
        _print("Only answers to questions can be taught.")
        return
    await app.teaching.teach(Lesson(card.message.meaning, text, card.message.answer_id), OWNER.id)
    _print("Learned.")


async def _next(app: App, card: Card) -> Card | None:
    return await app.review.next(OWNER.id, card.message.message_id)


async def _right(app: App, card: Card) -> Card | None:
    await app.review.confirm(OWNER.id, card.message.message_id)
    return await _next(app, card)


async def _wrong(app: App, card: Card) -> Card | None:
    await app.review.reject(OWNER.id, card.message.message_id)
    return await app.review.card(OWNER.id, card.message.message_id)


async def _gild(app: App, card: Card) -> Card | None:
    if await app.review.gild(OWNER.id, card.message.message_id) is None:
        _print(texts.GOLDEN_FIRST.plain("en"))
    return await app.review.card(OWNER.id, card.message.message_id)


async def _undo(app: App, card: Card) -> Card | None:
    back = await app.review.undo(OWNER.id)
    if back is None:
        _print(texts.NOTHING_TO_UNDO.plain("en"))
    return back or card


async def _all(app: App, card: Card) -> Card | None:
    await _list(app, card.message, "intent", None)
    await _list(app, card.message, "topic", None)
    return card


def _print(text: str) -> None:
    console.out.print(text, markup=False)


_MARKS: dict[str, Callable[[App, Card], Awaitable[Card | None]]] = {
    "": _next,
    "+": _right,
    "-": _wrong,
    "*": _gild,
    "u": _undo,
    "?": _all,
}
_WORDS: dict[str, Callable[[App, Card, str], Awaitable[None]]] = {"t": _topic, "n": _name, "a": _teach}
