"""Files through the Bot API: uploads, file_ids, downloads."""

from typing import Any

import httpx
import pytest

from bot.simulator.errors import ApiError
from bot.simulator.files import DOWNLOAD_LIMIT
from bot.simulator.people import ADA, ADA_CHAT, TOKEN
from bot.simulator.simulation import Simulation
from tests.bot.simulator.conftest import Api
from tests.bot.simulator.test_simulator_files import png

pytestmark = pytest.mark.usefixtures("simulation")


async def upload(client: httpx.AsyncClient, method: str, *, data: bytes, name: str, **fields: str) -> dict[str, Any]:
    """Send a file as a multipart form; the body of the answer."""
    kind = "photo" if method == "sendPhoto" else "document"
    form = {"chat_id": "1001", **fields}
    response = await client.post(f"/bot{TOKEN}/{method}", data=form, files={kind: (name, data)})
    body: dict[str, Any] = response.json()
    assert response.status_code == (200 if body["ok"] else body["error_code"])
    return body


async def test_up_and_down(client: httpx.AsyncClient, api: Api) -> None:
    body = await upload(client, "sendDocument", data=b"notes", name="笔记.md", caption="<b>new</b>", parse_mode="HTML")
    message = body["result"]
    assert (message["document"]["file_name"], message["document"]["file_size"]) == ("笔记.md", 5)
    assert (message["caption"], message["caption_entities"][0]["type"]) == ("new", "bold")
    file = await api("getFile", file_id=message["document"]["file_id"])
    download = await client.get(f"/file/bot{TOKEN}/{file['file_path']}")
    assert download.content == b"notes"
    assert (await client.get(f"/file/bot{TOKEN}/documents/none.md")).status_code == 404
    assert (await client.get(f"/file/bot{9001}:wrong/{file['file_path']}")).status_code == 401


async def test_photos(client: httpx.AsyncClient) -> None:
    body = await upload(client, "sendPhoto", data=png(30, 20), name="a.png")
    (photo,) = body["result"]["photo"]
    assert (photo["width"], photo["height"]) == (30, 20)
    body = await upload(client, "sendPhoto", data=b"text", name="a.png")
    assert body["description"] == "Bad Request: IMAGE_PROCESS_FAILED"


async def test_a_part_with_another_name(client: httpx.AsyncClient) -> None:
    form = {"chat_id": "1001", "document": "attach://mine"}
    response = await client.post(f"/bot{TOKEN}/sendDocument", data=form, files={"mine": ("a.txt", b"a")})
    assert response.json()["result"]["document"]["file_name"] == "a.txt"


async def test_known_files_are_sent_again(api: Api, simulation: Simulation) -> None:
    said = simulation.send_file(ADA, ADA_CHAT, "a.txt", b"a")
    sent = await api("sendDocument", chat_id=1002, document=said.file_id)
    assert sent["document"]["file_id"] == said.file_id
    copied = await api("copyMessage", chat_id=1002, from_chat_id=1001, message_id=said.message_id, caption="new")
    assert copied["message_id"] == sent["message_id"] + 1


@pytest.mark.parametrize(
    ("method", "reference", "complaint"),
    [
        ("sendDocument", None, "there is no document in the request"),
        ("sendPhoto", "", "there is no photo in the request"),
        ("sendDocument", "https://a.org/a.pdf", "failed to get HTTP URL content"),
        ("sendDocument", "BQAC", "wrong file identifier/HTTP URL specified"),
        ("sendDocument", "attach://missing", "there is no document in the request"),
    ],
)
async def test_refused_references(api: Api, method: str, reference: str | None, complaint: str) -> None:
    with pytest.raises(ApiError, match=complaint):
        await api(method, chat_id=1001, **{method.removeprefix("send").lower(): reference})


async def test_a_document_is_no_photo(api: Api, simulation: Simulation) -> None:
    said = simulation.send_file(ADA, ADA_CHAT, "a.png", png(3, 2))
    with pytest.raises(ApiError, match="type of file mismatch"):
        await api("sendPhoto", chat_id=1001, photo=said.file_id)


async def test_large_files_cannot_be_fetched(api: Api, simulation: Simulation) -> None:
    fits, too_big = (
        simulation.send_file(ADA, ADA_CHAT, "a.bin", bytes(DOWNLOAD_LIMIT + more)).file_id for more in (0, 1)
    )
    assert (await api("getFile", file_id=fits))["file_size"] == DOWNLOAD_LIMIT
    with pytest.raises(ApiError, match="Bad Request: file is too big"):
        await api("getFile", file_id=too_big)
    with pytest.raises(ApiError, match="Bad Request: invalid file_id"):
        await api("getFile", file_id="nothing")


async def test_captions(client: httpx.AsyncClient, api: Api) -> None:
    body = await upload(client, "sendDocument", data=b"a", name="a.txt", caption="a" * 1025)
    assert body["description"] == "Bad Request: message caption is too long"
    sent = (await upload(client, "sendDocument", data=b"a", name="a.txt"))["result"]
    place = {"chat_id": 1001, "message_id": sent["message_id"]}
    assert (await api("editMessageCaption", **place, caption="new"))["caption"] == "new"
    with pytest.raises(ApiError, match="there is no text in the message to edit"):
        await api("editMessageText", **place, text="new")


async def test_a_person_sends_files(api: Api, simulation: Simulation) -> None:
    simulation.send_file(ADA, ADA_CHAT, "员工手册.pdf", b"%PDF", caption="/add")
    simulation.send_file(ADA, ADA_CHAT, "a.png", png(3, 2), as_photo=True)
    document, photo = [update["message"] for update in await api("getUpdates")]
    assert document["document"]["mime_type"] == "application/pdf"
    assert document["caption_entities"] == [{"type": "bot_command", "offset": 0, "length": 4}]
    assert "text" not in document
    assert photo["photo"][0]["width"] == 3
    with pytest.raises(ApiError, match="MESSAGE_TOO_LONG"):
        simulation.send_file(ADA, ADA_CHAT, "a.txt", b"a", caption="a" * 1025)
