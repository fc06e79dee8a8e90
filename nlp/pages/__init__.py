"""Pages for people: HTML from the templates beside this file, in English and Chinese, whole without any network.

Everything that is filled in is escaped. A page needs no script and follows the light or dark look of its reader.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, **values: object) -> str:
    """The page that the template `<template>.html` makes of `values`; a value that it lacks is an error."""
    return _environment().get_template(f"{template}.html").render(**values)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = lambda share: f"{share:.1%}"
    environment.filters["number"] = lambda count: f"{count:,}"
    environment.filters["breakable"] = _breakable
    return environment


def _breakable(name: str) -> str:
    """A name that may be broken after its underscores, as `long_names_of_classes` must be on a phone."""
    from markupsafe import Markup, escape

    return Markup("_<wbr>").join(map(escape, name.split("_")))
