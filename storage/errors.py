"""What can go wrong in `storage`.

StorageError
├── DatabaseUnavailable   it cannot be reached or opened; the message says which and what to do
├── SchemaOutdated        its tables are older or newer than this version of Dawen
└── FenceLost             another process has taken over what this one was at
"""


class StorageError(Exception):
    """Base of every error raised by `storage`. Messages are one sentence with the remedy, without passwords."""


class DatabaseUnavailable(StorageError):  # noqa: N818 - names the state, as the caller reports it
    """The database cannot be reached, opened or written."""


class SchemaOutdated(StorageError):  # noqa: N818 - names the state, as the caller reports it
    """The tables do not match this version of Dawen."""


class FenceLost(StorageError):  # noqa: N818 - names the state, as the caller reports it
    """The lease that this work is done under has run out, or another process has it: nothing was written."""
