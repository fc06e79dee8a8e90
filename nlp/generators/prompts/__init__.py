"""Prompts: the templates beside this file, in English and Chinese, filled with a question and numbered sources.

What is filled in comes from documents and people and is data: the system prompt says so, every piece is delimited, and
nothing inside can close its delimiter or pass for a mark of a chat template.
"""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from nlp.generators.base import Task
from nlp.text import clean
from nlp.types import HEADING_JOINER, Language

if TYPE_CHECKING:
    from jinja2 import Environment

Messages = list[dict[str, str]]
# "<source", "</source>", "<|im_end|>", "</s>", "[INST]": the beginnings of all that could be taken for structure
_STRUCTURE = re.compile(r"<(?=[|｜/!a-zA-Z_])|\[(?=/?(?:INST|SYS|AVAILABLE_TOOLS|TOOL))")
_HARMLESS = {"<": "‹", "[": "［"}


def messages(task: Task, most: int | None = None) -> Messages:
    """The conversation that asks for the answer, with at most `most` of the sources, or for the text that is wished."""
    if task.wish != "answer":
        rules = _render("free", task.language, wish=task.wish, points=task.points)
        return [{"role": "system", "content": rules}, {"role": "user", "content": _plain(task.question)}]
    sources = [
        {"title": _plain(HEADING_JOINER.join(filter(None, (p.title, p.heading)))), "text": _plain(p.text)}
        for p in task.sources[:most]
    ]
    asked = _render("user", task.language, question=_plain(task.question), sources=sources)
    return [{"role": "system", "content": system(task.language)}, {"role": "user", "content": asked}]


def system(language: Language) -> str:
    """The rules, which are the same for every question in a language."""
    return _render("system", language)


def _plain(text: str) -> str:
    return _STRUCTURE.sub(lambda mark: _HARMLESS[mark[0]], clean(text)).strip()


def _render(name: str, language: Language, **values: object) -> str:
    return _environment().get_template(f"{name}.{language}.txt").render(**values).strip()


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(  # noqa: S701 - plain text for a model, no page
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
