"""Web addresses in what people write."""

import pytest

from bot.links import find_links, without_links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("read https://example.org/a?b=1#c, please", ["https://example.org/a?b=1#c"]),
        ("看看这个：https://example.org/文章。谢谢", ["https://example.org/文章"]),
        ("(HTTP://EXAMPLE.ORG/)", ["HTTP://EXAMPLE.ORG/"]),
        ("http://a.org/x_(y) and (http://b.org/z).", ["http://a.org/x_(y)", "http://b.org/z"]),
        ("http://a.org http://b.org http://a.org", ["http://a.org", "http://b.org"]),
        ("no link here", []),
    ],
)
def test_links_are_found(text: str, links: list[str]) -> None:
    assert find_links(text) == links


def test_what_is_written_beside_links() -> None:
    assert without_links("see http://a.org/ now") == "see   now"
    assert without_links("http://a.org/") == ""
