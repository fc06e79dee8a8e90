"""Whose messages may teach: the one rule, for values and for queries.

Who has agreed may, who has declined may not; who has said nothing may where consent is `assumed`.
"""

from sqlalchemy import ColumnElement, func

from storage import schema


def may_teach(consent: bool | None, *, assumed: bool) -> bool:
    """Whether the messages of a person with this stored consent may teach."""
    return assumed if consent is None else consent


def teachers(*, assumed: bool) -> ColumnElement[bool]:
    """The same of the users in a query."""
    return func.coalesce(schema.User.consent, assumed)
