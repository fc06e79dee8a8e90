"""Documents by the REST API: a key's own, and the shared ones for admin keys."""

from typing import Any

import httpx
import pytest

from bot.web.front import Front
from tests.support.api import calling, with_settings

TEXT = "# Parking\n\nCars are parked behind the mill, for two hours.\n"


async def upload(client: httpx.AsyncClient, text: str = TEXT, name: str = "parking.md", **form: str) -> httpx.Response:
    return await client.post("/v1/documents", files={"file": (name, text.encode())}, data=form)


async def listed(client: httpx.AsyncClient) -> dict[str, Any]:
    documents = (await client.get("/v1/documents")).json()["documents"]
    return {document["uri"]: document for document in documents}


async def test_a_file_is_added_replaced_found_and_removed(api: httpx.AsyncClient) -> None:
    first = await upload(api)
    assert (first.status_code, first.json()["change"], first.json()["title"]) == (201, "added", "Parking")
    assert (await upload(api)).json()["change"] == "unchanged"
    again = await upload(api, TEXT.replace("two", "three"))
    assert (again.json()["change"], again.json()["id"]) == ("replaced", first.json()["id"])
    for more in ({}, {"conversation": "with a customer"}):
        answer = (await api.post("/v1/ask", json={"text": "How long are cars parked?", **more})).json()
        assert "three hours" in answer["text"]
    number = first.json()["id"]
    assert (await api.delete(f"/v1/documents/{number}")).status_code == 204
    gone = await api.delete(f"/v1/documents/{number}")
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "not_found")


async def test_what_a_key_adds_is_its_own(front: Front, api: httpx.AsyncClient) -> None:
    number = (await upload(api)).json()["id"]
    async with calling(Front(with_settings(front.app)), await front.app.keys.create("other")) as other:
        assert "api:parking.md" not in await listed(other)
        assert (await other.delete(f"/v1/documents/{number}")).status_code == 404
        answer = (await other.post("/v1/ask", json={"text": "How long are cars parked?"})).json()
        assert "two hours" not in str(answer)
    assert (await listed(api))["api:parking.md"]["shared"] is False


async def test_only_an_admin_key_changes_what_is_shared(front: Front, api: httpx.AsyncClient) -> None:
    handbook = (await listed(api))["file:///handbook.md"]
    assert handbook["shared"] is True
    assert (await api.delete(f"/v1/documents/{handbook['id']}")).status_code == 403
    assert (await upload(api, shared="true")).status_code == 403
    key = await front.app.keys.create("owner", admin=True)
    async with calling(Front(with_settings(front.app)), key) as owner:
        assert (await upload(owner, shared="true")).json()["shared"] is True
        assert (await listed(api))["api:parking.md"]["shared"] is True
        assert (await owner.delete(f"/v1/documents/{handbook['id']}")).status_code == 204
    assert "file:///handbook.md" not in await listed(api)


@pytest.mark.parametrize(
    ("name", "text", "code"), [("a.exe", "MZ", "unsupported"), ("a.md", "", "empty"), ("a.pdf", "no pdf", "unreadable")]
)
async def test_a_file_that_cannot_be_read_is_said_in_words(
    api: httpx.AsyncClient, name: str, text: str, code: str
) -> None:
    response = await upload(api, text, name)
    assert response.status_code == 422
    assert response.json()["error"]["code"] == code
    assert name in response.json()["error"]["message"]


@pytest.mark.parametrize("name", ["../../etc/passwd.md", "C:\\files\\x.md", "长" * 300 + ".md", "a\x07b.md", "..", "/"])
async def test_names_of_files_do_no_harm(api: httpx.AsyncClient, name: str) -> None:
    response = await upload(api, name=name)
    assert response.status_code in (201, 422)
    assert all("/" not in uri.removeprefix("api:") for uri in await listed(api) if uri.startswith("api:"))
