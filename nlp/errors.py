"""What can go wrong in `nlp`.

NlpError
├── DataError        a data file that cannot be used (missing, malformed, too few classes)
│   └── TooLittleData  there is nothing wrong with the data, but too little of it as yet
├── DocumentError    a document that cannot become text (missing, unreadable, empty, too large, of an unknown type)
├── EncoderError     an encoder that cannot be loaded or is not the one it claims to be
├── GeneratorError   a generator that cannot be loaded, or that gave no usable text in its time
├── IndexDamaged     an index cache that does not match its manifest; the caller rebuilds it
├── ModelError       a stored model that is missing, damaged or made by an incompatible version
└── ReportError      a report that cannot be written

Every message is one sentence that names the value and the remedy, and is fit for a terminal.
"""


class NlpError(Exception):
    """Base of every error raised by `nlp`."""


class DataError(NlpError):
    """A data file is missing, malformed, or holds too little to train or measure with."""


class TooLittleData(DataError):  # noqa: N818 - time mends it, not a repair
    """There is too little to learn from as yet."""


class DocumentError(NlpError):
    """A document cannot become text.

    `reason` is a stable word for callers that word the message themselves:
    missing, unreadable, empty, too_large, unsupported, mismatch, protected, timeout.
    """

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class EncoderError(NlpError):
    """An encoder cannot be loaded, or its files are not the expected ones."""


class GeneratorError(NlpError):
    """A generator cannot be loaded, or gave no usable text within its budget."""


class IndexDamaged(NlpError):  # noqa: N818 - a state the caller repairs by rebuilding, not a failure of a request
    """An index cache on disk cannot be read or does not match its manifest."""


class ModelError(NlpError):
    """A stored model is missing, damaged, or was made by an incompatible version."""


class ReportError(NlpError):
    """A report cannot be written where it was asked for."""
