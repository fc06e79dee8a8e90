"""The generator that needs no model: it quotes the sentences that the reader found."""

from collections.abc import Iterator

from nlp.generators.base import Budget, Task
from nlp.reader import Reading
from nlp.types import Evidence

_MOST_SENTENCES = 3
_ENOUGH = 0.97  # share of the reading's belief after which no further sentence is shown
_LEAST = 0.02  # share of belief that a further sentence must have


class ExtractiveGenerator:
    """The one to three best sentences, in the order of their documents; or one question-answer entry, whole."""

    name = "extractive"
    phrases = False

    def choose(self, reading: Reading) -> list[Evidence]:
        """The sentences to show, in reading order; the reading is known to answer the question."""
        chosen: list[Evidence] = []
        for item in reading.evidence[:_MOST_SENTENCES]:
            if chosen and (item.score < _LEAST or sum(e.score for e in chosen) >= _ENOUGH):
                break
            if chosen and (item.passage.whole or chosen[0].passage.whole):
                break  # an entry answers its own question, and nothing is added to that
            if all(item.text != other.text for other in chosen):
                chosen.append(item)
        order = {item.passage.key: rank for rank, item in reversed(list(enumerate(chosen)))}
        return sorted(chosen, key=lambda item: (order[item.passage.key], item.span.start))

    def stream(self, task: Task, budget: Budget) -> Iterator[str]:
        """See `Generator.stream`: each chosen sentence with the number of its source."""
        numbers = {passage.key: number for number, passage in enumerate(task.sources, 1)}
        for item in self.choose(task.reading):
            budget.check()
            yield f"{item.text} [{numbers[item.passage.key]}]\n"

    def close(self) -> None:
        """See `Generator.close`: there is nothing to let go of."""
