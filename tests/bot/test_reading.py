"""Links as documents: named after their address, of the type that they are."""

import pytest

from bot.reading import SourceReader
from tests.support.files import pdf
from tests.support.office import XLSX_TYPE, xlsx
from tests.support.web import Server, page


@pytest.mark.parametrize(
    ("path", "kind", "body", "title", "media_type", "text"),
    [
        ("/docs/guide.pdf?v=2", "application/pdf", pdf("Text."), "guide", "application/pdf", "Text."),
        ("/", "text/plain", b"Text.", "127.0.0.1", "text/plain", "Text."),
        ("/%E6%89%8B%E5%86%8C.txt", "text/plain", "文字。".encode("gb18030"), "手册", "text/plain", "文字。"),
        ("/raw/README.md", "text/plain", b"# Title\n\nText.", "Title", "text/markdown", "Title\n\nText."),
        ("/raw/faq.csv", "text/plain", b"q,a\nWhen?,Now.", "faq", "text/csv", "When?\n\nNow."),
        ("/api/faq", "application/json", b'[{"q": "When?", "a": "Now."}]', "faq", "application/json", "When?\n\nNow."),
        ("/table", XLSX_TYPE, xlsx({"S": [["a"], ["b"]]}), "table", XLSX_TYPE, "S\n\na: b"),
    ],
)  # fmt: skip
async def test_a_link_is_read_as_what_it_is_and_named_after_its_address(
    server: Server, sources: SourceReader, path: str, kind: str, body: bytes, title: str, media_type: str, text: str
) -> None:
    server.pages = {path: page(body, kind=kind)}
    document = await sources.url(server.base + path)
    assert (document.title, document.media_type, document.text) == (title, media_type, text)
