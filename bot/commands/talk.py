"""`dawen ask` and `dawen chat`: the conversation in a terminal."""

import secrets
import signal
from dataclasses import dataclass, replace
from typing import Any

from bot import console, texts
from bot.app import App, open_app
from bot.delivery import new_answer, new_message, new_route
from bot.dialogue import Incoming, Person, Place, Reply
from bot.progress import Progress
from bot.replies import citations
from bot.settings import Settings
from nlp.errors import DocumentError
from nlp.learning.evidence import SIGNAL_WEIGHTS, Signal
from storage.records import Answer, AnswerKind

OWNER = Person(0, "terminal")
TERMINAL = Place(0, "terminal")
_THREAD_BITS = 48


@dataclass(frozen=True, slots=True)
class Unclear:
    """A line that was asked back, and the reply that offers what it may mean."""

    incoming: Incoming
    reply: Reply
    message_id: int

    @property
    def text(self) -> str:
        """The reply with its buttons as a numbered list."""
        labels = [button.label for row in self.reply.buttons for button in row]
        lines = [f"{number}. {label}" for number, label in enumerate(labels, 1)]
        return "\n".join([self.reply.plain, *lines, texts.CHOOSE.plain(self.reply.language)])

    def chosen(self, text: str) -> str | None:
        """The intent with this number."""
        intents = [button.data.partition(":")[2] for row in self.reply.buttons for button in row]
        return {str(number): intent for number, intent in enumerate(intents, 1)}.get(text)


async def ask(settings: Settings, question: str, *, as_json: bool) -> None:
    """Ask one question and print the answer.

    Raises:
        DocumentError: the question is empty.
    """
    if not question.strip():
        raise DocumentError("the question is empty: write it in quotes behind 'dawen ask'", "empty")
    async with open_app(settings, Progress()) as app:
        # A conversation of its own: what is asked in one line has nothing to do with what was asked before.
        incoming = Incoming(OWNER, replace(TERMINAL, thread_id=secrets.randbits(_THREAD_BITS)), question)
        reply = await app.conversation.ask(incoming)
        stored = await log(app, incoming, reply)
        if as_json:
            console.print_json(describe(stored, incoming, reply))
        else:
            console.out.print(reply.plain, markup=False)


async def chat(settings: Settings) -> None:
    """Talk until the input ends."""
    async with open_app(settings, Progress()) as app:
        console.err.print("Ask in English or Chinese; end with Ctrl-D. 用中文或英文提问，按 Ctrl-D 结束。")
        unclear: Unclear | None = None
        while (text := read_line()) is not None:
            if text.strip():
                unclear = await _say(app, text.strip(), unclear)


async def _say(app: App, text: str, unclear: Unclear | None) -> Unclear | None:
    """Answer a line, which may choose what an unclear one meant; what is unclear now."""
    intent = unclear.chosen(text) if unclear else None
    if unclear and intent:
        incoming = unclear.incoming
        reply = await app.conversation.clarified(incoming, intent)
    else:
        incoming = Incoming(OWNER, TERMINAL, text)
        reply = await app.conversation.respond(incoming)
    stored = await log(app, incoming, reply)
    if unclear and intent:
        async with app.database.write() as tx:
            await tx.feedback.label(
                unclear.message_id, OWNER.id, "clarification", intent, weight=SIGNAL_WEIGHTS[Signal.CLARIFIED]
            )
    now_unclear = Unclear(incoming, reply, stored.message_id) if reply.kind is AnswerKind.CLARIFICATION else None
    console.out.print(now_unclear.text if now_unclear else reply.plain, "\n", markup=False)
    return now_unclear


def read_line() -> str | None:
    """A line, read where Ctrl-C ends the waiting at once; nothing else has to run meanwhile."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return input("> ")
    except EOFError:
        return None
    finally:
        signal.signal(signal.SIGINT, before)


async def log(app: App, incoming: Incoming, reply: Reply) -> Answer:
    """Keep what was said in the terminal, like everything else that is said."""
    await app.access.admit(incoming.person, incoming.place)
    async with app.database.write() as tx:
        answer = await tx.answers.record(new_message(incoming, reply), new_route(reply), new_answer(incoming, reply))
        await tx.answers.mark_sent(answer.id)
    return answer


def describe(stored: Answer, incoming: Incoming, reply: Reply) -> dict[str, Any]:
    """An answer for programs."""
    route, answer = reply.route, reply.answer
    return {
        "question": incoming.text,
        "language": reply.language,
        "kind": reply.kind.value,
        "answer": answer.text if answer and answer.evidence else reply.plain,
        "text": reply.plain,
        "confidence": round(answer.confidence, 4) if answer else None,
        "sources": [
            {"number": s.number, "title": s.title, "place": s.place, "quote": s.quote, "score": round(s.score, 4)}
            for s in (citations(answer) if answer else ())
        ],
        "nearest": [passage.title for passage in answer.nearest] if answer else [],
        "closest": answer.closest.text if answer and answer.closest else None,
        "intent": route.intent.label if route else None,
        "topic": route.topic.label if route and route.topic else None,
        "answer_id": stored.id,
        "versions": dict(reply.versions),
        "timings_ms": dict(reply.timings),
    }
