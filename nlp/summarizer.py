"""Extractive summaries: the sentences that say most of a text, in its order, with what stands out in it.

Sentences are weighed by how central they are (by n-grams, and by meaning as far as the encoder knows the words), by
their place, by what they share with the title, by their length and by cues such as "we propose"
(`nlp.summary.worth`); those that repeat others are passed over, those that cannot be read alone are too
(`nlp.summary.choosing`), and what is said in passing is left out (`nlp.summary.wording`).
"""

from nlp.encoder import Encoder
from nlp.summary.choosing import choose, headline
from nlp.summary.facts import find_facts
from nlp.summary.features import weigh
from nlp.summary.reading import read
from nlp.summary.wording import as_headline, trim
from nlp.summary.worth import Genre, kind_of, worth
from nlp.text import length
from nlp.types import Document, Summary

_TOO_SHORT = 3  # sentences below which a text is its own headline


class Summarizer:
    """Chooses sentences. Needs no model, so it is the same everywhere; with an encoder it reads meaning as well."""

    name = "extractive"

    def __init__(self, encoder: Encoder | None = None) -> None:
        """Without an encoder, n-grams alone tell what is central."""
        self._encoder = encoder

    def summarize(self, document: Document, count: int = 3, *, genre: Genre = "article") -> Summary:
        """The `count` (1 to 20) most telling sentences of a document; all of them when it has no more.

        An "article" is any page or file, and is weighed as a paper or as news if it reads like one; of a "thread" of
        messages none counts for its place. Time and memory are bounded: of a long text parts are read that are spread
        over all of it (`nlp.summary.reading`).
        """
        found = read(document)
        if not found:
            return Summary(document.language, document.title, (), len(document.text))
        weighed = weigh(found, document.title, self._encoder)
        value = worth(weighed, kind_of(document, genre))
        chosen = choose(weighed, value, count)
        return Summary(
            document.language,
            document.title,
            tuple(trim(found[place].text) for place in chosen),
            len(document.text),
            as_headline(found[headline(weighed, value)].text) if len(found) >= _TOO_SHORT else "",
            find_facts([sentence.text for sentence in found], set(chosen)),
            length(document.text),
        )
