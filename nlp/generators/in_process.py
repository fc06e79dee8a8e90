"""A chat model in this process, for many chats at once: whoever waits when a batch begins is written in it."""

import logging
import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from nlp.errors import GeneratorError
from nlp.generators.base import Budget, Task
from nlp.generators.chat_model import ChatModel
from nlp.generators.mailbox import Mailbox

_log = logging.getLogger(__name__)
_FAREWELL_SECONDS = 2.0
_COMPANY_SECONDS = 0.01  # how long a batch waits for others, once one is there


@dataclass(frozen=True, slots=True, eq=False)
class _Letter:
    """An answer that is asked for."""

    task: Task
    budget: Budget
    mailbox: Mailbox = field(default_factory=Mailbox)

    @property
    def wanted(self) -> bool:
        return not (self.budget.spent or self.mailbox.left)


class TransformersGenerator:
    """Streams from a `ChatModel`, which one thread of its own runs; `batch` answers share a forward pass."""

    phrases = True

    def __init__(self, model: ChatModel, batch: int = 8) -> None:
        self.name = f"transformers:{model.name}"
        self._model, self._batch = model, batch
        self._letters: queue.SimpleQueue[_Letter | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="generator-model", daemon=True)
        self._thread.start()

    def stream(self, task: Task, budget: Budget) -> Iterator[str]:
        """See `Generator.stream`."""
        if self._closed:
            raise GeneratorError(f"generator {self.name!r} is closed")
        letter = _Letter(task, budget)
        self._letters.put(letter)
        return letter.mailbox.read(budget)

    def close(self) -> None:
        """See `Generator.close`: the batch that is being written goes on until its readers have left."""
        if not self._closed:
            self._closed = True
            self._letters.put(None)
            self._thread.join(_FAREWELL_SECONDS)  # a thread inside torch must not outlive the interpreter

    def _serve(self) -> None:
        while (batch := self._gather()) is not None:
            if batch:
                self._write(batch)

    def _gather(self) -> list[_Letter] | None:
        """The next batch, which may be empty; None at the end."""
        first = self._letters.get()
        batch = [first]
        while batch[-1] is not None and len(batch) < self._batch:
            try:
                batch.append(self._letters.get(timeout=_COMPANY_SECONDS))
            except queue.Empty:
                break
        wanted = [letter for letter in batch if letter is not None]
        if batch[-1] is None:
            for letter in wanted:
                letter.mailbox.close(GeneratorError(f"generator {self.name!r} is closed"))
            return None
        return [letter for letter in wanted if letter.wanted]

    def _write(self, batch: list[_Letter]) -> None:
        ready: list[tuple[_Letter, list[int]]] = []
        for letter in batch:
            try:
                ready.append((letter, self._model.prompt(letter.task, letter.budget.tokens)))
            except Exception as error:  # a chat template is the model's own and may raise anything
                letter.mailbox.close(self._failure(error))
        try:
            if ready:
                letters, prompts = zip(*ready, strict=True)
                self._model.write(prompts, [it.budget for it in letters], [it.mailbox for it in letters])
        except Exception as error:  # too little memory, a broken kernel: the answers are quoted, the thread lives on
            for letter, _ in ready:
                letter.mailbox.close(self._failure(error))

    def _failure(self, error: Exception) -> GeneratorError:
        if isinstance(error, GeneratorError):
            return error
        _log.warning("generator %r failed (%s)", self.name, type(error).__name__)
        return GeneratorError(f"generator {self.name!r} failed ({type(error).__name__}): use a smaller model or batch")
