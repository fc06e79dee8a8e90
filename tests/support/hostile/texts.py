"""Texts, tables and data whose patterns cost a careless reader time that grows with the square of their length."""

from collections.abc import Iterator

Named = tuple[str, bytes]
MILLION = 1_000_000


def texts() -> Iterator[Named]:
    """Plain text."""
    parts = {
        "line": "x" * (5 * MILLION),
        "letters": "a " * (2 * MILLION),
        "newlines": "\n" * (5 * MILLION) + "x",
        "returns": "x\r" * MILLION,
        "blank": ("x\n" + " " * 50) * 50_000,
        "spaces": " " * (5 * MILLION) + "x",
        "tabs": ("\t" * 1000 + "\n") * 2000 + "x",
        "pages": "x\f" * 50_000,
        "paragraphs": "x\n\n" * 90_000,
        "many-paragraphs": "x\n\n" * MILLION,
        "margins": ("word " * 12 + "\n") * 20_000,
        "questions": "Q: What?\nA: That.\n\n" * 20_000,
        "question-lines": "Q: What?\n" * 50_000,
        "question": f"Q: {'what ' * 200_000}?\nA: {'that ' * 200_000}",
        "marks": "?" * MILLION,
        "dots": "." * MILLION,
        "quotes": "\"'" * MILLION,
        "numbers": "1.2.3." * 300_000,
        "addresses": "http://" * 200_000,
        "at": "a@" * 500_000,
        "combining": "a" + "\u0301" * MILLION,
        "direction": "\u202e\u202d" * 500_000,
        "joined": "\U0001f468\u200d" * 200_000,
        "chinese": "中" * (2 * MILLION),
        "chinese-lines": "中文\n" * 300_000,
        "ligatures": "\ufdfa" * 300_000,
        "rules": "-" * MILLION + "\n" + "=" * MILLION,
        "numbered": "".join(f"{n}. x\n" for n in range(100_000)),
    }
    yield from ((f"{name}.txt", part.encode()) for name, part in parts.items())


def markdown() -> Iterator[Named]:
    """Markdown that is known to hurt parsers."""
    parts = {
        "quotes": ">" * 50_000 + "x",
        "quote-lines": "".join(">" * n + "x\n" for n in range(500)),
        "lists": "".join(" " * n + "- x\n" for n in range(2000)),
        "list": "- " * 20_000 + "x",
        "stars": "*" * 200_000,
        "emphasis": "*a _a " * 30_000,
        "strong": "**x " * 50_000,
        "ticks": "".join("`" * n + "x" for n in range(1000)),
        "tick": "`" * 300_000,
        "brackets": "[" * 50_000,
        "pairs": "[a](" * 30_000,
        "images": "![" * 30_000,
        "links": "[a](b)" * 50_000,
        "references": "".join(f"[r{n}]: x\n" for n in range(20_000)) + "[r1] " * 20_000,
        "tags": "<" * 200_000,
        "comments": "<!-- " * 100_000,
        "instructions": "<?" * 100_000,
        "entities": "&#" * 200_000,
        "fences": "```\n" * 100_000,
        "headings": "# x\n" * 50_000,
        "levels": "".join(f"{'#' * (n % 6 + 1)} heading {n}\n\ntext\n\n" for n in range(20_000)),
        "underlines": "x\n=\n" * 50_000,
        "columns": "|" + "a|" * 20_000 + "\n|" + "-|" * 20_000 + "\n" + ("|" + "x|" * 20 + "\n") * 100,
        "rows": "|a|b|\n|-|-|\n" + "|x|y|\n" * 50_000,
        "front": "---\n" + "a: b\n" * 200_000,
        "escapes": "\\" * 300_000,
        "breaks": "x  \n" * 100_000,
        "mail": "<a@" * 100_000,
    }
    yield from ((f"{name}.md", part.encode()) for name, part in parts.items())


def tables() -> Iterator[Named]:
    """Rows and columns."""
    parts = {
        "wide": ",".join("x" * 500_000) + "\n" + ",".join("y" * 500_000),
        "long": "a,b\n" + "x,y\n" * 300_000,
        "quote": 'a,b\n"' + "x," * MILLION,
        "quotes": '"' * MILLION,
        "nul": "a,b\n\0,\0\n" * 10_000,
        "cell": "a\n" + "x" * (5 * MILLION),
        "ragged": "".join(",".join("x" * (n % 300 + 1)) + "\n" for n in range(3000)),
        "heads": ",".join(f"column {n}" for n in range(20_000)) + "\n" + ("x," * 20_000 + "\n") * 30,
        "separators": ";,\t|" * 300_000,
        "empty": ",\n" * 500_000,
        "questions": "question,answer\n" + "What?,That.\n" * 50_000,
    }
    for suffix in (".csv", ".tsv"):
        for name, part in parts.items():
            yield f"{name}{suffix}", (part.replace(",", "\t") if suffix == ".tsv" else part).encode()


def json_files() -> Iterator[Named]:
    """JSON and JSON Lines."""
    parts = {
        "deep": "[" * MILLION,
        "closed": "[" * 100_000 + "]" * 100_000,
        "objects": '{"a":' * 200_000,
        "mixed": '[{"a":' * 500 + "1" + "}]" * 500,
        "number": "9" * MILLION,
        "exponent": "[1e999999999, -1e999999999, NaN, Infinity]",
        "keys": "{" + ",".join(f'"k{n}": 1' for n in range(200_000)) + "}",
        "same": "{" + ",".join('"k": 1' for _ in range(200_000)) + "}",
        "texts": "[" + ",".join('"text"' for _ in range(300_000)) + "]",
        "rows": "[" + ",".join('{"question": "What?", "answer": "That."}' for _ in range(50_000)) + "]",
        "open": '{"a": "' + "x" * MILLION,
        "escapes": '["' + "\\ud800" * 200_000 + '"]',
        "nul": '["' + "\\u0000" * 200_000 + '"]',
        "lines": '{"a": "b"}\n' * 100_000,
        "words": "nul" * 100_000,
    }
    for suffix in (".json", ".jsonl"):
        yield from ((f"{name}{suffix}", part.encode()) for name, part in parts.items())
