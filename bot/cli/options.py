"""What commands share: the settings, and options that mean the same everywhere."""

from typing import Annotated

import typer

from bot.logs import set_up_logging
from bot.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Version = Annotated[str | None, typer.Argument(help="A version; else the one that serves.")]


def open_settings(**overrides: str) -> Settings:
    """The settings in force, with logging set up as they say; the program ends with one sentence where they are off."""
    from bot.console import clear_errors
    from bot.settings import load_settings

    with clear_errors():
        settings = load_settings(**overrides)
        set_up_logging(settings.log_level, settings.log_format)
    return settings
