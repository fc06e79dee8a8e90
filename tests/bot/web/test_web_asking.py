"""Routes, answers, summaries and votes by the REST API: the same as in a chat, and stored like it."""

import json
from dataclasses import replace

import httpx
import pytest

from bot.keys import place_of
from bot.web.asking import _thread
from bot.web.front import Front
from nlp.generator import Generator
from tests.support.answers import Parrot
from tests.support.api import calling, events_of, with_settings

LONG = "The mill was opened to visitors in May. It had stood empty for years, and the roof leaked. " * 8


async def ask(client: httpx.AsyncClient, text: str, **more: str) -> dict[str, object]:
    response = await client.post("/v1/ask", json={"text": text, **more})
    assert response.status_code == 200, response.text
    found: dict[str, object] = response.json()
    return found


@pytest.mark.parametrize(
    ("question", "language", "words"),
    [("When are refunds paid?", "en", "thirty days"), ("退款什么时候支付？", "zh", "三十天")],
)
async def test_an_answer_has_its_sources_apart(
    api: httpx.AsyncClient, question: str, language: str, words: str
) -> None:
    told = await ask(api, question)
    assert (told["kind"], told["language"]) == ("answer", language)
    text = str(told["text"])
    assert words in text
    assert "[1]" in text
    assert "\n" not in text
    assert words in str(told["sources"])
    assert {"route", "retrieve", "answer"} <= set(str(told["milliseconds"]).split("'"))


async def test_what_the_documents_do_not_say_is_refused(api: httpx.AsyncClient) -> None:
    told = await ask(api, "Who invented the telephone?")
    assert (told["kind"], told["sources"]) == ("refusal", [])


async def test_what_is_asked_is_stored_and_may_be_continued(front: Front, api: httpx.AsyncClient) -> None:
    first = await ask(api, "When are refunds paid?")
    await ask(api, "And the office hours?", conversation=str(first["conversation"]))
    (key,) = await front.app.keys.all()
    place = place_of(key, _thread(str(first["conversation"])))
    async with front.app.database.read() as tx:
        turns = await tx.answers.history(place.chat_id, place.thread_id, 5)
        stored = await tx.answers.get(turns[0].answer_id)
    assert [turn.question for turn in turns] == ["When are refunds paid?", "And the office hours?"]
    assert stored is not None
    assert stored.sent
    assert stored.id == first["id"]


async def test_sentences_come_first_and_then_the_whole(api: httpx.AsyncClient) -> None:
    response = await api.post(
        "/v1/ask", json={"text": "When are refunds paid?"}, headers={"Accept": "text/event-stream"}
    )
    assert response.headers["content-type"].startswith("text/event-stream")
    told = [(name, json.loads(data)) for name, data in events_of(response.text)]
    assert [name for name, _ in told][-1] == "answer"
    assert told[0][0] == "sentence"
    assert " ".join(data["text"] for name, data in told if name == "sentence") == told[-1][1]["text"]


async def test_what_a_generator_words_comes_sentence_by_sentence(front: Front, api: httpx.AsyncClient) -> None:
    said: Generator = Parrot(["Refunds are paid within thirty days of the purchase [1]. ", "Keep your receipt [1]."])
    front.app.inference.models = replace(front.app.inference.models, generator=said)
    response = await api.post(
        "/v1/ask", json={"text": "When are refunds paid?"}, headers={"Accept": "text/event-stream"}
    )
    told = [(name, json.loads(data)) for name, data in events_of(response.text)]
    assert [name for name, _ in told] == ["sentence", "sentence", "answer"]
    assert told[0][1]["text"] == "Refunds are paid within thirty days of the purchase."


async def test_an_error_in_events_says_nothing_internal(
    front: Front, api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise ValueError("my secret diary")

    monkeypatch.setattr(type(front.app.conversation), "ask", fail)
    response = await api.post("/v1/ask", json={"text": "hello"}, headers={"Accept": "text/event-stream"})
    ((name, data),) = events_of(response.text)
    assert (name, json.loads(data)["error"]["code"]) == ("error", "internal")
    plain = await api.post("/v1/ask", json={"text": "hello"})
    assert (plain.status_code, plain.json()["error"]["code"]) == (500, "internal")
    assert "diary" not in response.text + plain.text


@pytest.mark.parametrize(("text", "language"), [("When are refunds paid?", "en"), ("退款什么时候支付？", "zh")])
async def test_a_route_names_the_likeliest_first(api: httpx.AsyncClient, text: str, language: str) -> None:
    told = (await api.post("/v1/route", json={"text": text})).json()
    scores = [found["score"] for found in told["intents"]]
    assert told["language"] == language
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0


async def test_a_text_is_summarized_as_long_as_asked_for_and_stored(front: Front, api: httpx.AsyncClient) -> None:
    told = (await api.post("/v1/summarize", json={"text": LONG, "points": 1})).json()
    assert told["text"].count("• ") == 1
    async with front.app.database.read() as tx:
        question = await tx.answers.question_of(told["id"])
    assert question is not None
    assert question.text == LONG


@pytest.mark.parametrize("body", [{"text": "Too short."}, {"link": "http://127.0.0.1:1/page"}, {"link": "http://["}])
async def test_what_cannot_be_summarized_is_said(api: httpx.AsyncClient, body: dict[str, str]) -> None:
    response = await api.post("/v1/summarize", json=body)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "unreadable")


async def test_votes_are_on_exactly_the_answer_and_replace_each_other(front: Front, api: httpx.AsyncClient) -> None:
    answer = (await ask(api, "When are refunds paid?"))["id"]
    for value, counts in ((1, (1, 0)), (-1, (0, 1)), (0, (0, 0))):
        told = (await api.post("/v1/feedback", json={"answer": answer, "value": value})).json()
        assert (told["up"], told["down"]) == counts
    assert front.app.voting.counts == {1: 1, -1: 1, 0: 1}
    reason = {"answer": answer, "value": -1, "reason": "long"}
    assert (await api.post("/v1/feedback", json=reason)).status_code == 200


async def test_nobody_votes_on_what_others_were_answered(front: Front, api: httpx.AsyncClient) -> None:
    answer = (await ask(api, "When are refunds paid?"))["id"]
    async with calling(Front(with_settings(front.app)), await front.app.keys.create("other")) as other:
        response = await other.post("/v1/feedback", json={"answer": answer, "value": 1})
    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")
