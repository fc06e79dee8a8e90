"""Training configurations from text: `KEY=VALUE`, typed by the fields of the configuration."""

from collections.abc import Sequence
from dataclasses import fields
from types import NoneType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from nlp.errors import DataError

T = TypeVar("T")
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_NOTHING = frozenset({"", "none", "null"})


def configure(kind: type[T], settings: Sequence[str]) -> T:
    """The configuration `kind` with the `settings` ("KEY=VALUE") in place of its defaults; the last one counts.

    Raises:
        DataError: a setting has no "=", an unknown key, or a value of another type or out of its range.
    """
    hints = get_type_hints(kind)
    known = [field.name for field in fields(kind)]  # type: ignore[arg-type] # always a dataclass
    values: dict[str, Any] = {}
    for setting in settings:
        key, separator, value = setting.partition("=")
        if not separator:
            raise DataError(f"setting {setting!r} has no '=': write KEY=VALUE")
        if key.strip() not in known:
            raise DataError(f"setting {key.strip()!r} is not known: use {', '.join(known)}")
        values[key.strip()] = _value(key.strip(), value.strip(), hints[key.strip()])
    return kind(**values)


def _value(key: str, text: str, kind: Any) -> Any:
    choices = [kind] if get_origin(kind) is Literal else list(get_args(kind)) or [kind]
    if NoneType in choices and text.lower() in _NOTHING:
        return None
    choice = next(choice for choice in choices if choice is not NoneType)
    if choice is str or get_origin(choice) is Literal:
        return text
    try:
        return _TRUTH[text.lower()] if choice is bool else choice(text)
    except (ValueError, KeyError) as error:
        name = {int: "a whole number", float: "a number", bool: "'true' or 'false'"}[choice]
        raise DataError(f"setting {key!r} is {text!r}: give {name}") from error
