"""/v1/route, /v1/ask, /v1/summarize and /v1/feedback: the use cases of the chat, for programs.

What is asked is stored before it is answered, like a message in a chat, so that it can be rated and learned from.
"""

import hashlib
import secrets
from collections.abc import Awaitable
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse

from bot.app import App
from bot.delivery import new_answer, new_message, new_route
from bot.dialogue import Incoming, Reply
from bot.keys import person_of, place_of
from bot.phrasing import payer
from bot.replies import answer_sentences, citations
from bot.richtext import join, to_plain
from bot.streaming import Show, silent
from bot.web.door import key_of
from bot.web.errors import ApiError
from bot.web.events import TYPE, events
from bot.web.front import Front
from bot.web.models import (
    Answered,
    Cited,
    Rated,
    Routed,
    Score,
    Summarized,
    ToAsk,
    ToRate,
    ToRoute,
    ToSummarize,
)
from nlp.types import Prediction, Verdict
from storage.records import AnswerKind, ApiKey

Key = Annotated[ApiKey, Depends(key_of)]


def asking_router(front: Front) -> APIRouter:
    """The routes that ask something of the bot, or tell it what an answer is worth."""
    router, app = APIRouter(), front.app

    @router.post("/route")
    async def route(body: ToRoute) -> Routed:
        """What a text is taken for. Nothing is stored."""
        found = await app.inference.route(body.text)
        intents, topics = _scores(found.intents), _scores(found.topics)
        return Routed(
            language=found.language, intents=intents, topics=topics, in_scope=found.in_scope, confident=found.confident
        )

    @router.post("/ask", response_model=Answered, responses={200: {"content": {TYPE: {}}}})
    async def ask(body: ToAsk, key: Key, request: Request) -> Answered | Response:
        """An answer from the documents; with `Accept: text/event-stream` its sentences as events, then the whole."""

        def work(show: Show) -> Awaitable[Answered]:
            return _ask(app, key, body, show)

        if TYPE in request.headers.get("Accept", ""):
            return StreamingResponse(events(work), media_type=TYPE, headers={"Cache-Control": "no-store"})
        return await work(silent)

    @router.post("/summarize")
    async def summarize(body: ToSummarize, key: Key) -> Summarized:
        """A summary of a link or a text."""
        return await _summarize(app, key, body)

    @router.post("/feedback")
    async def feedback(body: ToRate, key: Key) -> Rated:
        """A vote on an answer that this key was given; a later one replaces it."""
        place, person = place_of(key), person_of(key)
        votes = await app.voting.by_program(place.chat_id, body.answer, person.id, body.value, body.reason)
        if votes is None:
            raise ApiError(404, "not_found", f"this key was given no answer {body.answer} that can be voted on")
        return Rated(up=votes[0], down=votes[1])

    return router


async def _ask(app: App, key: ApiKey, body: ToAsk, show: Show) -> Answered:
    conversation = body.conversation or secrets.token_urlsafe(12)
    heard: list[str] = []

    def hear(text: str) -> None:
        heard.append(text)
        show(text)

    payer.set(person_of(key).id)
    place = place_of(key, _thread(conversation))
    incoming = Incoming(person_of(key), place, body.text, show=hear)
    reply = await app.conversation.ask(incoming)
    if not heard:
        _show_sentences(reply, show)
    return _answered(await _store(app, incoming, reply), conversation, reply)


async def _summarize(app: App, key: ApiKey, body: ToSummarize) -> Summarized:
    payer.set(person_of(key).id)
    points, links = str(body.points or ""), (body.link,) if body.link else ()
    incoming = Incoming(person_of(key), place_of(key), points, links=links, quoted=body.text or "")
    reply = await app.summaries.respond(incoming, body.language)
    if reply.kind is not AnswerKind.SUMMARY:
        raise ApiError(422, "unreadable", "the link cannot be read, or what is there is too short to summarize")
    number = await _store(app, replace(incoming, text=body.link or body.text or ""), reply)
    return Summarized(
        id=number,
        language=reply.language,
        text=reply.plain,
        versions=dict(reply.versions),
        milliseconds=dict(reply.timings),
    )


async def _store(app: App, incoming: Incoming, reply: Reply) -> int:
    """Store a message with its reply, which nobody has to send; the number of the answer."""
    async with app.database.write() as tx:
        answer = replace(new_answer(incoming, reply), payloads=())
        stored = await tx.answers.record(new_message(incoming, reply), new_route(reply), answer)
        await tx.answers.mark_sent(stored.id)
    app.metrics.replied(reply)
    return stored.id


def _answered(number: int, conversation: str, reply: Reply) -> Answered:
    answer = reply.answer
    text = reply.plain
    if answer is not None and answer.verdict is Verdict.ANSWERED:
        text = to_plain(join(answer_sentences(answer), " "))  # the sources are told apart from it
    return Answered(
        id=number,
        conversation=conversation,
        kind=reply.kind.value,
        language=reply.language,
        text=text,
        confidence=answer.confidence if answer else None,
        understood=reply.understood,
        sources=[
            Cited(number=source.number, title=source.title, place=source.place, quote=source.quote, score=source.score)
            for source in (citations(answer) if answer else ())
        ],
        versions=dict(reply.versions),
        milliseconds=dict(reply.timings),
    )


def _show_sentences(reply: Reply, show: Show) -> None:
    """Show the sentences that are quoted, one after the other, as those of a generator are."""
    if reply.answer is None or reply.answer.verdict is not Verdict.ANSWERED:
        return
    said = ""
    for sentence in answer_sentences(reply.answer):
        said = f"{said} {to_plain(sentence)}".strip()
        show(said)


def _scores(predictions: tuple[Prediction, ...]) -> list[Score]:
    return [Score(label=found.label, score=round(found.score, 4)) for found in predictions]


def _thread(conversation: str) -> int:
    """The number of a conversation: 48 bits, so that two are the same by chance once in many millions."""
    return int.from_bytes(hashlib.sha256(conversation.encode()).digest()[:6])
