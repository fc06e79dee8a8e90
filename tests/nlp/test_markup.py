"""Trees of HTML and of trafilatura as blocks."""

import pytest
from lxml import etree
from lxml.html import document_fromstring

from nlp.blocks import Block
from nlp.markup import tree_blocks


def texts(html: str) -> list[str]:
    return [block.text for block in tree_blocks(document_fromstring(f"<body>{html}</body>"))]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a <b>b</b>c</p><div>loose <p>inner</p> tail</div>", ["a bc", "loose", "inner", "tail"]),
        ("<a href=x><h2>Head</h2><p>line</p></a>", ["Head", "line"]),
        ("<p>one<br>two<br><br>three</p>", ["one\ntwo", "three"]),
        ("<p>一行<br/>另一行</p>", ["一行\n另一行"]),
        ("<ul><li>a<ul><li>b</li></ul></li></ul>", ["a", "b"]),
        ("<p>see <code>x_y</code></p><pre>\n a\n  b\n</pre>", ["see x_y", " a\n  b"]),
        ("<script>x</script><p>a<!-- no -->b</p><textarea>t</textarea>", ["ab"]),
        ("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td></td></tr></table>", ["a: 1"]),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>1</td><td>2</td></tr></table>", ["a | b", "1 | 2"]),
        ("<table><tr><td><p>x</p></td></tr><tr><td>y</td></tr></table>", ["x", "y"]),
        ("<table><tr><td>l</td><td><table><tr><td>in</td></tr></table></td></tr></table>", ["l", "in"]),
    ],
)
def test_html_becomes_blocks(html: str, expected: list[str]) -> None:
    assert texts(html) == expected


def test_headings_have_levels_in_both_kinds_of_tree() -> None:
    html = document_fromstring("<body><h3>A<br>b</h3><p>c</p></body>")
    tei = etree.fromstring('<body><head rend="h3">A<lb/>b</head><p>c</p></body>')
    assert tree_blocks(html) == tree_blocks(tei) == [Block("A b", 3), Block("c")]


def test_rows_and_cells_of_trafilatura_are_a_table() -> None:
    head, row = '<cell role="head">a</cell><cell role="head">b</cell>', "<cell>1</cell><cell>2</cell>"
    tei = f"<body><table><row>{head}</row><row>{row}</row></table></body>"
    assert [block.text for block in tree_blocks(etree.fromstring(tei))] == ["a: 1 | b: 2"]
