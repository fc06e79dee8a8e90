"""From which confidence on the documents are said to answer, in each language: given, or learned from votes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nlp.errors import ModelError
from nlp.model_store import Arrays, read_model
from nlp.types import LANGUAGES, Language

KIND, ARCHITECTURE = "thresholds", "answers-from"
ANSWERS_FROM = 0.5  # both errors weigh the same there, as long as confidence is what it says
LOWEST, HIGHEST = 0.3, 0.7  # what votes may make of it: beyond, they say more about the voters than about the reader


@dataclass(frozen=True)
class Thresholds:
    """`answers_from` by language, in [`LOWEST`, `HIGHEST`]; `ANSWERS_FROM` where a language has none of its own."""

    answers_from: Mapping[Language, float] = field(default_factory=dict)
    version: str = ""

    def of(self, language: Language) -> float:
        """The confidence from which a question in this language is answered."""
        return self.answers_from.get(language, ANSWERS_FROM)

    def to_arrays(self) -> Arrays:
        """The thresholds as they are stored, one of each language."""
        return {language: np.array([self.of(language)]) for language in LANGUAGES}


GIVEN = Thresholds()


def load_thresholds(folder: Path) -> Thresholds:
    """The thresholds in a model folder.

    Raises:
        ModelError: the folder holds no intact ones, or one is out of bounds.
    """
    manifest, arrays = read_model(folder)
    if manifest.kind != KIND:
        raise ModelError(f"{str(folder)!r} holds a {manifest.kind}, not {KIND}: choose another version")
    found: dict[Language, float] = {language: arrays[language].item() for language in LANGUAGES if language in arrays}
    for language, value in found.items():
        if not LOWEST <= value <= HIGHEST:
            raise ModelError(
                f"threshold {value:.3f} of {language!r} in {str(folder)!r} is out of bounds: train it again"
            )
    return Thresholds(found, manifest.version)
