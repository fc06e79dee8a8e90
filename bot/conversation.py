"""Use case: what to say to a message. The route decides the way, the documents decide what is said.

Evidence goes before classification: whatever a message looks like, when the documents clearly answer it, they do.
"""

from dataclasses import replace

from bot import texts
from bot.dialogue import Incoming, Reply, notice
from bot.inference import Inference
from bot.knowledge import Knowledge, visible_scopes
from bot.replies import answer_text, clarify_buttons, nearest_text, refusal_text
from bot.richtext import join
from bot.stopwatch import Stopwatch
from bot.summaries import Summaries, has_something_to_summarize
from bot.texts import Text
from nlp.generator import Answerer
from nlp.text import TOKEN, detect_language, is_han, length
from nlp.types import Answer, Language, Route, Verdict
from storage.database import Database
from storage.records import AnswerKind

PASSAGES_READ = 8
_SURE = 0.75  # confidence from which documents answer what does not look like a question to them
_WORDS_OF_A_QUESTION = 3
_HAN_OF_A_QUESTION = 4
_OFFERED = 3

ASKS_DOCUMENTS = frozenset({"question", "follow_up"})
MAY_ASK_DOCUMENTS = frozenset(
    {"help", "about_bot", "out_of_scope", "chitchat", "human", "complaint", "write", "translate"}
)
SAID: dict[str, Text] = {
    "greeting": texts.GREETING,
    "thanks": texts.THANKS,
    "goodbye": texts.GOODBYE,
    "praise": texts.PRAISE,
    "complaint": texts.COMPLAINT,
    "correction": texts.CORRECTION,
    "chitchat": texts.CHITCHAT,
    "human": texts.HUMAN,
    "help": texts.HELP,
    "about_bot": texts.ABOUT,
    "translate": texts.NEEDS_GENERATOR,
    "write": texts.NEEDS_GENERATOR,
    "out_of_scope": texts.OUT_OF_SCOPE,
}


class Conversation:
    """Answers messages."""

    def __init__(self, database: Database, inference: Inference, knowledge: Knowledge, summaries: Summaries) -> None:
        self._database = database
        self._inference = inference
        self._knowledge = knowledge
        self._summaries = summaries

    async def respond(self, incoming: Incoming, fallback: Language = "en") -> Reply:
        """The reply to a free message; `fallback` is the language where the text itself has none."""
        route, watch = await self._route(incoming)
        language = route.language if TOKEN.search(incoming.text) else fallback
        reply = await self._act(incoming, route, language, watch)
        return self._complete(reply, route, watch)

    async def ask(self, incoming: Incoming) -> Reply:
        """The documents' answer to a text, whatever it looks like."""
        route, watch = await self._route(incoming)
        answer = await self._answer(incoming, incoming.text, watch)
        return self._complete(self._shown(answer), route, watch)

    async def clarified(self, incoming: Incoming, intent: str) -> Reply:
        """The reply to a message whose intent a person has named."""
        route, watch = await self._route(incoming)
        return self._complete(await self._by_intent(incoming, intent, route.language, watch), route, watch)

    async def _route(self, incoming: Incoming) -> tuple[Route, Stopwatch]:
        watch = Stopwatch()
        route = await self._inference.route(incoming.text)
        watch.lap("route")
        return route, watch

    async def _act(self, incoming: Incoming, route: Route, language: Language, watch: Stopwatch) -> Reply:
        intent = route.intent.label
        if intent in ASKS_DOCUMENTS or not route.confident or _may_ask(incoming, intent):
            question = await self._question(incoming, intent)
            answer = await self._answer(incoming, question, watch)
            doubtful = route.confident and intent not in ASKS_DOCUMENTS and intent != "help"
            if answer.verdict is Verdict.ANSWERED and answer.confidence >= (_SURE if doubtful else 0.0):
                return self._shown(answer)
            if intent in ASKS_DOCUMENTS and (route.confident or incoming.text.rstrip().endswith(("?", "？"))):
                return self._shown(answer) if route.in_scope else _said("out_of_scope", language)
            if intent == "help" and route.confident:
                return _help(language, answer)
        if not route.confident:
            return self._clarify(route, language)
        return await self._by_intent(incoming, intent, language, watch)

    async def _by_intent(self, incoming: Incoming, intent: str, language: Language, watch: Stopwatch) -> Reply:
        if intent == "summarize":
            return await self._summaries.respond(incoming, language)
        if intent in SAID:
            return _said(intent, language)
        return self._shown(await self._answer(incoming, await self._question(incoming, intent), watch))

    async def _question(self, incoming: Incoming, intent: str) -> str:
        """The message as a question by itself: what continues an earlier question is read together with it."""
        if intent != "follow_up":
            return incoming.text
        async with self._database.read() as tx:
            history = await tx.answers.history(incoming.place.chat_id, incoming.place.thread_id, 5)
        asked = [t.question for t in history if t.kind in (AnswerKind.ANSWER, AnswerKind.REFUSAL)]
        return f"{asked[-1]}\n{incoming.text}" if asked else incoming.text

    async def _answer(self, incoming: Incoming, question: str, watch: Stopwatch) -> Answer:
        models = self._inference.models
        encoded = await self._inference.run(models.encoder.encode, [question], "query")
        scopes = visible_scopes(incoming.place.chat_id, incoming.place.thread_id)
        found = await self._knowledge.search(question, encoded, scopes, PASSAGES_READ)
        watch.lap("retrieve")
        answerer = Answerer(models.encoder, self._knowledge.index.reader(), models.generator)
        answer = await self._inference.run(answerer.answer, question, found, encoded)
        watch.lap("answer")
        return replace(answer, language=detect_language(incoming.text))

    def _shown(self, answer: Answer) -> Reply:
        if answer.verdict is Verdict.ANSWERED:
            return Reply(AnswerKind.ANSWER, answer.language, answer_text(answer), votable=True, answer=answer)
        empty = not self._knowledge.index.size
        text = texts.NO_DOCUMENTS.rich(answer.language) if empty else refusal_text(answer)
        return Reply(AnswerKind.REFUSAL, answer.language, text, votable=not empty, answer=answer)

    def _clarify(self, route: Route, language: Language) -> Reply:
        names = [p.label for p in route.intents if p.label not in ("out_of_scope", "question")]
        offered = ["question", *names][:_OFFERED]
        return Reply(
            AnswerKind.CLARIFICATION, language, texts.CLARIFY.rich(language), clarify_buttons(offered, language)
        )

    def _complete(self, reply: Reply, route: Route, watch: Stopwatch) -> Reply:
        index = {"generation": self._knowledge.index.generation}
        return replace(
            reply,
            route=route,
            versions={**self._inference.models.versions, **index},
            timings={**reply.timings, **watch.milliseconds},
        )


def _may_ask(incoming: Incoming, intent: str) -> bool:
    """True for what is classified as something else and may be a question all the same."""
    text = incoming.text
    if intent == "summarize":
        return not has_something_to_summarize(incoming)
    return intent in MAY_ASK_DOCUMENTS and length(text) >= (
        _HAN_OF_A_QUESTION if is_han(text) else _WORDS_OF_A_QUESTION
    )


def _help(language: Language, answer: Answer) -> Reply:
    """What the bot can do, and where its documents may say how."""
    parts = [texts.HELP.rich(language)]
    if answer.nearest:
        parts.append(nearest_text(answer))
    return notice(language, join(parts, "\n\n"))


def _said(intent: str, language: Language) -> Reply:
    if intent == "help":
        return notice(language, SAID[intent].rich(language))
    kind = AnswerKind.OUT_OF_SCOPE if intent in ("out_of_scope", "translate", "write") else AnswerKind.SMALL_TALK
    return Reply(kind, language, SAID[intent].rich(language))
