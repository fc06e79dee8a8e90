"""Web pages that are deep, huge, or hard on those who look for the article in them."""

from collections.abc import Iterator

Named = tuple[str, bytes]
MILLION = 1_000_000
_ARTICLE = "<p>A paragraph about the harbour, long enough to be taken for the text of an article by anybody.</p>"


def deep() -> Iterator[Named]:
    """Elements in elements, closed and not."""
    for tag in (
        "div",
        "span",
        "b",
        "a href=x",
        "ul><li",
        "table><tr><td",
        "blockquote",
        "font",
        "p",
        "svg",
        "select",
        "x-y",
    ):
        for depth in (1000, 100_000):
            name = tag[:4].replace(">", "").replace(" ", "")
            yield f"{name}-{depth}.html", (f"<{tag}>" * depth + _ARTICLE).encode()
    yield "million.html", b"<div>" * MILLION
    yield "closed.html", b"<div>" * 200_000 + b"text" + b"</div>" * 200_000
    yield "ends.html", b"</div>" * MILLION
    yield "mixed.html", b"<b><i><a>" * 20_000 + b"x" + b"</b></i></a>" * 20_000
    yield "paragraphs.html", b"<b>" * 500 + b"<p>text" * 20_000
    yield "lists.html", b"<ul><li>text" * 3000


def huge() -> Iterator[Named]:
    """Much of one thing."""
    parts = {
        "text": "word " * (2 * MILLION),
        "line": "x" * (5 * MILLION),
        "articles": f"<article>{_ARTICLE}</article>" * 20_000,
        "links": "<a href='http://example.org/a'>link</a> " * 50_000,
        "attributes": "<p " + " ".join(f"a{n}=x" for n in range(200_000)) + ">x</p>",
        "attribute": f"<p title='{'x' * (5 * MILLION)}'>x</p>",
        "comment": "<!--" + "x" * (5 * MILLION),
        "comments": "<!---->" * 500_000,
        "script": "<script>" + "x=1;" * MILLION,
        "style": "<style>" + "a{}" * MILLION,
        "cdata": "<![CDATA[" * 300_000,
        "opened": "<" * MILLION,
        "opened-a": "<a " * 500_000,
        "entities": "&amp;" * MILLION,
        "no-entities": "&" * MILLION,
        "numbers": "&#99999999999;" * 200_000,
        "nul": "\0" * MILLION + _ARTICLE,
        "tables": "<table><tr><td>x</td></tr></table>" * 30_000,
        "cells": "<table>" + "<tr>" + "<td>x</td>" * 100_000 + "</table>",
        "rows": "<table>" + "<tr><td>x<td>y" * 50_000 + "</table>",
        "spans": "<table><tr><td colspan=999999999 rowspan=999999999>x</table>",
        "breaks": "<br>" * 300_000,
        "title": f"<title>{'x' * MILLION}</title>{_ARTICLE}",
        "titles": f"<title>x</title>{_ARTICLE}" * 5000,
        "metas": "<meta property='og:title' content='x'>" * 50_000,
        "json-ld": f"<script type='application/ld+json'>{'[' * 200_000}</script>{_ARTICLE}",
        "json-ld-name": f'<script type="application/ld+json">{{"author":"{"a b " * 100_000}"}}</script>{_ARTICLE}',
        "dates": "<time datetime='2020-01-01'>2020-01-01</time> " * 30_000,
        "date": f"<meta name='date' content='{'2020-' * 100_000}'>{_ARTICLE}",
        "author": f"<meta name='author' content='{'A. ' * 100_000}'>{_ARTICLE}",
        "address": f"<link rel='canonical' href='http://{'a.' * 100_000}org'>{_ARTICLE}",
        "data": f"<img src='data:image/png;base64,{'A' * (5 * MILLION)}'>{_ARTICLE}",
        "frames": "<iframe src=x>" * 100_000,
        "spaces": " " * (3 * MILLION) + "x",
        "newlines": "<pre>" + "\n" * (3 * MILLION) + "x",
        "code": "<pre><code>" + "x = '" * 200_000 + "</code></pre>",
        "stars": f"<p>{'*' * 200_000}</p>",
        "brackets": f"<p>{'[' * 100_000}</p><p>{'](' * 50_000}</p>",
        "backticks": f"<p>{'`a' * 100_000}</p>",
        "xml": "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><html>&b;</html>",
        "form": "<form><input><select><option>x" * 30_000,
        "frameset": "<frameset>" * 100_000,
        "template": "<template>" * 50_000,
        "plaintext": "<plaintext>" + "</plaintext>" * 100_000,
    }
    yield from ((f"{name}.html", f"<html><body>{part}".encode()) for name, part in parts.items())
