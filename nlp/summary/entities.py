"""People and places that an installed spaCy model finds; without one there are none, and none is downloaded."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from nlp.text import detect_language
from nlp.types import Language

if TYPE_CHECKING:
    from spacy.language import Language as Pipeline

_MODELS: Mapping[Language, str] = {"en": "en_core_web_sm", "zh": "zh_core_web_sm"}
_READ = 20_000  # characters, about a second's work
_PEOPLE, _PLACES = frozenset({"PERSON"}), frozenset({"GPE", "LOC"})


@dataclass(frozen=True, slots=True)
class Entities:
    """How often each person and each place is named."""

    people: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)


def entities(text: str) -> Entities:
    """The people and places that the beginning of a text names, by the model of its language if it is installed."""
    pipeline = _pipeline(_MODELS[detect_language(text[:_READ])])
    found = Entities()
    if pipeline is None:
        return found
    for entity in pipeline(text[:_READ]).ents:
        if entity.label_ in _PEOPLE:
            found.people[entity.text.strip()] += 1
        elif entity.label_ in _PLACES:
            found.places[entity.text.strip()] += 1
    return found


@cache
def _pipeline(name: str) -> "Pipeline | None":
    import spacy

    if not spacy.util.is_package(name):
        return None
    return spacy.load(name, exclude=["parser", "lemmatizer", "attribute_ruler"])
