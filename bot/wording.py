"""One text in two languages: the form of everything that the bot says by itself."""

from dataclasses import dataclass, replace

from bot.richtext import RichText, rich
from nlp.types import Language


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages, with {placeholders}."""

    en: str
    zh: str

    def plain(self, language: Language, **values: object) -> str:
        """The text with its placeholders filled."""
        return (self.zh if language == "zh" else self.en).format(**values)

    def rich(self, language: Language, **values: object) -> RichText:
        """The styled text; values are inserted as they are, whatever they contain."""
        pieces = rich(self.zh if language == "zh" else self.en)
        return tuple(replace(piece, text=piece.text.format(**values)) for piece in pieces)
