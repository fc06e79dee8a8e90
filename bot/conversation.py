"""Use case: what to say to a message. The route decides the way, the documents decide what is said.

Evidence goes before classification: whatever a message looks like, when the documents clearly answer it, they do.
"""

from dataclasses import replace

from bot import texts
from bot.dialogue import Incoming, Reply, notice
from bot.inference import Inference, Models
from bot.knowledge import Knowledge, visible_scopes
from bot.memory import Memory, Question, alone
from bot.points import reached
from bot.replies import answer_text, clarify_buttons, framed, nearest_text, refusal_text
from bot.richtext import RichText, join, plain
from bot.stopwatch import Stopwatch
from bot.streaming import heard
from bot.summaries import Summaries, has_something_to_summarize
from bot.texts import Text
from nlp.follow_up import asked_language
from nlp.generator import Answerer, Task
from nlp.generators.base import Wish
from nlp.reader import Reading
from nlp.text import TOKEN, detect_language, is_han, length
from nlp.types import Answer, Language, Route, Verdict
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
SPEAKS_FOR_ITSELF = frozenset(
    {"greeting", "thanks", "goodbye", "praise", "complaint", "correction", "summarize", "translate", "write"}
)
WRITES: dict[str, Wish] = {"translate": "translate", "write": "write"}
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
    """Answers messages, each with one bundle of models from beginning to end."""

    def __init__(self, memory: Memory, inference: Inference, knowledge: Knowledge, summaries: Summaries) -> None:
        self._memory = memory
        self._inference = inference
        self._knowledge = knowledge
        self._summaries = summaries

    async def respond(self, incoming: Incoming, fallback: Language = "en") -> Reply:
        """The reply to a free message; `fallback` is the language where the text itself has none."""
        return await self._begin(incoming).respond(incoming, fallback)

    async def ask(self, incoming: Incoming) -> Reply:
        """The documents' answer to a text, whatever it looks like."""
        return await self._begin(incoming).ask(incoming)

    async def clarified(self, incoming: Incoming, intent: str, fallback: Language = "en") -> Reply:
        """The reply to a message whose intent a person has named; `fallback` is as for `respond`."""
        return await self._begin(incoming).clarified(incoming, intent, fallback)

    async def wants_summary(self, incoming: Incoming) -> bool:
        """True when what is written beside a file asks for a summary of it."""
        return await self._begin(incoming).wants_summary(incoming)

    def _begin(self, incoming: Incoming) -> "_Exchange":
        models = self._inference.of_chat(incoming.place.chat_id)
        return _Exchange(self._memory, self._inference, models, self._knowledge, self._summaries)


class _Exchange:
    """One message on its way to its reply, with the models that served its chat when it came."""

    def __init__(
        self, memory: Memory, inference: Inference, models: Models, knowledge: Knowledge, summaries: Summaries
    ) -> None:
        self._memory = memory
        self._inference = inference
        self._models = models
        self._knowledge = knowledge
        self._summaries = summaries

    async def respond(self, incoming: Incoming, fallback: Language = "en") -> Reply:
        """See `Conversation.respond`."""
        route, watch = await self._route(incoming)
        language = route.language if TOKEN.search(incoming.text) else fallback
        reply = await self._act(incoming, route, language, watch)
        return self._complete(reply, route, watch)

    async def ask(self, incoming: Incoming) -> Reply:
        """See `Conversation.ask`."""
        route, watch = await self._route(incoming)
        meant, answer = await self._find(incoming, route, await self._understand(incoming, route), watch)
        return self._complete(self._shown(answer, meant), route, watch)

    async def clarified(self, incoming: Incoming, intent: str, fallback: Language = "en") -> Reply:
        """See `Conversation.clarified`."""
        route, watch = await self._route(incoming)
        language = route.language if TOKEN.search(incoming.text) else fallback
        meant = await self._understand(incoming, route, intent)
        return self._complete(await self._by_intent(incoming, intent, meant, language, watch), route, watch)

    async def wants_summary(self, incoming: Incoming) -> bool:
        """See `Conversation.wants_summary`."""
        route, _ = await self._route(incoming)
        return route.confident and route.intent.label == "summarize"

    async def _route(self, incoming: Incoming) -> tuple[Route, Stopwatch]:
        watch = Stopwatch()
        route = await self._inference.route(incoming.text, self._models)
        watch.lap("route")
        reached("message.routed")
        return route, watch

    async def _act(self, incoming: Incoming, route: Route, language: Language, watch: Stopwatch) -> Reply:
        intent = route.intent.label
        if incoming.forwarded and has_something_to_summarize(incoming):
            return await self._summaries.respond(incoming, language)
        meant = await self._understand(incoming, route)
        asks = intent in ASKS_DOCUMENTS or meant.continued
        if asks or not route.confident or _may_ask(incoming, intent):
            meant, answer = await self._find(incoming, route, meant, watch)
            doubtful = route.confident and not asks and intent != "help"
            sure = answer.verdict is Verdict.ANSWERED and answer.confidence >= (_SURE if doubtful else 0.0)
            if sure or meant.continued:
                return self._shown(answer, meant)
            if intent in ASKS_DOCUMENTS and (route.confident or incoming.text.rstrip().endswith(("?", "？"))):
                near = route.in_scope or answer.closest is not None
                return self._shown(answer, meant) if near else _said("out_of_scope", language)
            if intent == "help" and route.confident:
                return _help(language, answer)
        if not route.confident:
            return self._clarify(route, language)
        return await self._by_intent(incoming, intent, meant, language, watch)

    async def _by_intent(
        self, incoming: Incoming, intent: str, meant: Question, language: Language, watch: Stopwatch
    ) -> Reply:
        if intent == "summarize":
            return await self._summaries.respond(incoming, language)
        if intent in WRITES and self._models.generator.phrases:
            return await self._composed(incoming, WRITES[intent], language, watch)
        if intent in SAID:
            return _said(intent, language)
        return self._shown(meant.worded(await self._answer(incoming, meant.text, watch)), meant)

    async def _composed(self, incoming: Incoming, wish: Wish, language: Language, watch: Stopwatch) -> Reply:
        """What a generator writes at somebody's wish: marked as its own words, since no document stands behind them."""
        wished = "\n\n".join(filter(None, (incoming.text, incoming.quoted)))
        text = await self._inference.compose(
            Task(wished, language, Reading((), 0.0), wish), incoming.show, self._models
        )
        watch.lap("write")
        if not text:
            return Reply(AnswerKind.OUT_OF_SCOPE, language, texts.GENERATOR_SILENT.rich(language))
        said = join([plain(text), texts.WRITTEN_FREELY.rich(language)], "\n\n")
        return Reply(AnswerKind.SMALL_TALK, language, said)

    async def _understand(self, incoming: Incoming, route: Route, intent: str | None = None) -> Question:
        """The message as a question by itself; thanks and the like are not read as follow-ups.

        `intent` is what a person has named; a wish for another language counts whatever it looks like.
        """
        wanted = intent or (route.intent.label if route.confident else "")
        if wanted in SPEAKS_FOR_ITSELF and asked_language(incoming.text) is None:
            return alone(incoming.text)
        return await self._memory.understand(incoming, continues=wanted == "follow_up")

    async def _find(
        self, incoming: Incoming, route: Route, meant: Question, watch: Stopwatch
    ) -> tuple[Question, Answer]:
        """The documents' answer to what is meant; where they have none, to what looks like a question as it stands."""
        answer = meant.worded(await self._answer(incoming, meant.text, watch))
        complete = meant.continued and not meant.again and route.intent.label == "question"
        if answer.verdict is Verdict.ANSWERED or not complete:
            return meant, answer
        itself = await self._answer(incoming, incoming.text, watch)
        return (alone(incoming.text), itself) if itself.verdict is Verdict.ANSWERED else (meant, answer)

    async def _answer(self, incoming: Incoming, question: str, watch: Stopwatch) -> Answer:
        models = self._models
        encoded = await self._inference.ask(models.encoder.encode, [question], "query")
        scopes = visible_scopes(incoming.place.chat_id, incoming.place.shelf)
        found = await self._knowledge.search(question, encoded, scopes, PASSAGES_READ)
        watch.lap("retrieve")
        reached("answer.retrieved")
        answerer = Answerer(models.encoder, self._knowledge.index.reader(), models.generator, models.thresholds)
        hear = heard(incoming.show, detect_language(incoming.text))
        answer = await self._inference.answer(answerer, question, found, encoded, hear)
        watch.lap("answer")
        reached("answer.written")
        return replace(answer, language=detect_language(incoming.text))

    def _shown(self, answer: Answer, meant: Question) -> Reply:
        kind, text, votable = self._told(answer)
        understood = meant.text if meant.continued else None
        again = meant.again and kind is AnswerKind.ANSWER
        shown = framed(text, answer.language, None if meant.again else understood, again=again)
        return Reply(kind, answer.language, shown, votable=votable, answer=answer, understood=understood)

    def _told(self, answer: Answer) -> tuple[AnswerKind, RichText, bool]:
        """What sort of reply an answer makes, its text, and whether it can be voted on."""
        if answer.verdict is Verdict.ANSWERED:
            return AnswerKind.ANSWER, answer_text(answer), True
        if not self._knowledge.index.size:
            return AnswerKind.REFUSAL, texts.NO_DOCUMENTS.rich(answer.language), False
        return AnswerKind.REFUSAL, refusal_text(answer), True

    def _clarify(self, route: Route, language: Language) -> Reply:
        names = [p.label for p in route.intents if p.label not in ("out_of_scope", "question")]
        offered = ["question", *names][:_OFFERED]
        return Reply(
            AnswerKind.CLARIFICATION, language, texts.CLARIFY.rich(language), clarify_buttons(offered, language)
        )

    def _complete(self, reply: Reply, route: Route, watch: Stopwatch) -> Reply:
        index = {"generation": self._knowledge.index.generation}
        spoke = {"generator": reply.answer.generator} if reply.answer else {}
        return replace(
            reply,
            route=route,
            versions={**self._models.versions, **spoke, **index},
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
