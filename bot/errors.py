"""What can go wrong in `bot`.

BotError
├── SettingsError   a setting that cannot be used
├── FetchError      a link that must not or cannot be fetched
├── RunError        a training run that cannot begin, or was cut short
├── RemovalError    a name that several documents have, so that none is removed
├── BackupError     a backup that cannot be written, or is damaged
├── InboxError      a number that is of no update that was set aside
├── ClusterError    what a node of a cluster sends cannot be used
│   └── ClusterAway the cluster does not answer, so that this process computes
├── KeysError       a name that an API key has already, or that none has
└── StartError      the bot cannot start: wrong token, taken port, folder that cannot be written, full disk, wrong clock
    └── FolderTaken another bot runs on the home folder

Messages are one sentence that names the value and the remedy, fit for a terminal. What people in a chat read is worded
in `bot.texts`, by the error's class and `reason`.
"""


class BotError(Exception):
    """Base of every error raised by `bot`."""


class SettingsError(BotError):
    """A setting has a value that cannot be used."""


class FetchError(BotError):
    """A link that fails. `reason`: address, private, unreachable, status, too_large, type, timeout, encoding, busy."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class RemovalError(BotError):
    """Several documents have the name of the one that is to be removed."""


class BackupError(BotError):
    """A backup cannot be written, is damaged, or has no room to be restored to."""


class InboxError(BotError):
    """There is no such update among those that were set aside."""


class KeysError(BotError):
    """An API key cannot be made under this name, or there is none of this name."""


class ClusterError(BotError):
    """What was sent between this process and a node of a cluster cannot be used."""


class ClusterAway(ClusterError):  # noqa: N818 - a state that the caller bridges
    """The cluster does not answer at present."""


class StartError(BotError):
    """The bot cannot start as it is set up."""


class RunError(BotError):
    """A training run that fails. `reason`: busy, nothing, few, attempts, trainer, data, outdated, unforeseen."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class FolderTaken(StartError):  # noqa: N818 - names the state, as the caller reports it
    """Another bot runs on the home folder."""
