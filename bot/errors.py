"""What can go wrong in `bot`.

BotError
├── SettingsError   a setting that cannot be used
├── FetchError      a link that must not or cannot be fetched
└── StartError      the bot cannot start: wrong token, taken port, folder that cannot be written

Messages are one sentence that names the value and the remedy, fit for a terminal. What people in a chat read is worded
in `bot.texts`, by the error's class and `reason`.
"""


class BotError(Exception):
    """Base of every error raised by `bot`."""


class SettingsError(BotError):
    """A setting has a value that cannot be used."""


class FetchError(BotError):
    """A link cannot be fetched. `reason`: address, private, unreachable, status, too_large, type, timeout."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class StartError(BotError):
    """The bot cannot start as it is set up."""
