"""Parameters, by every way in which clients send them."""

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.simulator.errors import ApiError
from bot.simulator.parameters import Parameters
from bot.simulator.people import TOKEN

URL = f"/bot{TOKEN}/sendMessage"
KEYBOARD = {"inline_keyboard": [[{"text": "好 &=?", "callback_data": "a"}]]}


def check(response: httpx.Response) -> None:
    """What all ways lead to."""
    result = response.json()["result"]
    assert (result["text"], result["chat"]["id"]) == ("好 & <b> 😀", 1001)
    assert result["reply_markup"] == KEYBOARD
    assert result["reply_to_message"]["message_id"] == 1
    assert result["entities"] == [{"type": "bold", "offset": 0, "length": 1}]
    assert result["has_protected_content"] is True


NATIVE: dict[str, Any] = {
    "chat_id": 1001,
    "text": "好 & <b> 😀",
    "protect_content": True,
    "reply_markup": KEYBOARD,
    "reply_parameters": {"message_id": 1},
    "entities": [{"type": "bold", "offset": 0, "length": 1}],
    "parse_mode": None,
}
STRINGS = {
    name: value if isinstance(value, str) else json.dumps(value) for name, value in NATIVE.items() if value is not None
}


@pytest.mark.usefixtures("simulation")
class TestWays:
    """One message, sent in every way."""

    async def test_query_string_by_get(self, client: httpx.AsyncClient) -> None:
        check(await client.get(URL, params=STRINGS))

    async def test_query_string_by_post(self, client: httpx.AsyncClient) -> None:
        check(await client.post(URL, params=STRINGS))

    async def test_json(self, client: httpx.AsyncClient) -> None:
        check(await client.post(URL, json=NATIVE))

    async def test_json_of_strings(self, client: httpx.AsyncClient) -> None:
        check(await client.post(URL, json=STRINGS))

    async def test_urlencoded_form(self, client: httpx.AsyncClient) -> None:
        check(await client.post(URL, data=STRINGS))

    async def test_multipart_form(self, client: httpx.AsyncClient) -> None:
        check(await client.post(URL, files={name: (None, value) for name, value in STRINGS.items()}))

    async def test_body_overrides_query(self, client: httpx.AsyncClient) -> None:
        check(await client.post(URL, params={"text": "old", "chat_id": "1"}, json=NATIVE))

    @pytest.mark.parametrize("body", [b"{", b"[1]", b'"text"', b"\xff"])
    async def test_a_broken_body(self, client: httpx.AsyncClient, body: bytes) -> None:
        response = await client.post(URL, content=body, headers={"Content-Type": "application/json"})
        assert response.status_code == 400
        assert response.json()["description"] == "Bad Request: can't parse request body as a JSON object"

    async def test_a_broken_form(self, client: httpx.AsyncClient) -> None:
        headers = {"Content-Type": "multipart/form-data"}
        response = await client.post(URL, content=b"x", headers=headers)
        assert (response.status_code, response.json()["ok"]) == (400, False)

    async def test_an_empty_body(self, client: httpx.AsyncClient) -> None:
        response = await client.post(f"/bot{TOKEN}/getMe", headers={"Content-Type": "application/json"})
        assert response.json()["ok"] is True

    @pytest.mark.parametrize("name", ["sendMessage", "sendmessage", "SENDMESSAGE"])
    async def test_methods_in_any_case(self, client: httpx.AsyncClient, name: str) -> None:
        check(await client.post(f"/bot{TOKEN}/{name}", json=NATIVE))


@pytest.mark.parametrize(
    ("value", "number"), [("12", 12), (12, 12), ("-5", -5), ("x", 7), ([1], 7), (None, 7), ("", 7)]
)
def test_integers(value: Any, number: int) -> None:
    assert Parameters({"a": value}).integer("a", 7) == number


@pytest.mark.parametrize("value", [True, "true", "True", "yes", "1", 1])
def test_yes(value: Any) -> None:
    assert Parameters({"a": value}).flag("a")


@pytest.mark.parametrize("value", [False, "false", "0", "", None, 0, "no"])
def test_no(value: Any) -> None:
    assert not Parameters({"a": value}).flag("a")


@given(st.recursive(st.integers() | st.text(st.characters(exclude_categories=["Cs"])), st.lists, max_leaves=5))
def test_structures_come_as_themselves_or_as_json(value: Any) -> None:
    assert Parameters({"a": [value]}).structure("a") == [value]
    assert Parameters({"a": json.dumps([value])}).structure("a") == [value]


def test_a_structure_that_is_no_json() -> None:
    with pytest.raises(ApiError, match="can't parse reply_markup JSON object"):
        Parameters({"reply_markup": "{"}).structure("reply_markup")


def test_text_must_be_unicode() -> None:
    with pytest.raises(ApiError, match="strings must be encoded in UTF-8"):
        Parameters({"text": "\ud83d"}).text("text")
    for value in ([{"text": "\ud83d"}], '["\\ud83d"]'):
        with pytest.raises(ApiError, match="strings must be encoded in UTF-8"):
            Parameters({"a": value}).structure("a")
    assert Parameters({"a": '["\\ud83d\\ude00"]'}).structure("a") == ["😀"]


def test_what_is_missing() -> None:
    missing = Parameters({"a": None})
    assert "a" not in missing
    assert missing.text("a") == ""
    assert missing.structure("a") is None
    assert missing.upload("a") is None
