"""The thread of a chat model: who waits shares a batch, a failure spoils one batch, and closing answers everybody."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from nlp.errors import GeneratorError
from nlp.generators.base import Budget, Task
from nlp.generators.chat_model import ChatModel
from nlp.generators.in_process import TransformersGenerator
from nlp.generators.mailbox import Mailbox
from tests.support.answers import task_over


@dataclass
class SlowModel:
    """Says the question after its gate has opened; an exception is raised instead."""

    name: str = "slow"
    gate: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)
    batches: list[int] = field(default_factory=list)
    fails: Exception | None = None

    def prompt(self, task: Task, room: int) -> str:
        """The question itself."""
        if task.question == "bad":
            raise ValueError("a chat template failed")
        return task.question

    def write(self, prompts: Sequence[str], budgets: Sequence[Budget], mailboxes: Sequence[Mailbox]) -> None:
        """Each question as its answer."""
        self.batches.append(len(prompts))
        self.reached.set()
        assert self.gate.wait(10)
        if self.fails:
            raise self.fails
        for prompt, mailbox in zip(prompts, mailboxes, strict=True):
            mailbox.put(prompt)
            mailbox.close()


@pytest.fixture
def model() -> SlowModel:
    return SlowModel()


@pytest.fixture
def generator(model: SlowModel) -> Iterator[TransformersGenerator]:
    found = TransformersGenerator(cast("ChatModel", model), batch=4)
    yield found
    model.gate.set()
    found.close()


def ask(generator: TransformersGenerator, question: str, budget: Budget | None = None) -> Any:
    return generator.stream(task_over(question, "en", []), budget or Budget.start(9, 10))


def test_those_who_wait_share_a_batch(generator: TransformersGenerator, model: SlowModel) -> None:
    first = ask(generator, "first")
    assert model.reached.wait(5)
    others = [ask(generator, str(number)) for number in range(6)]
    model.gate.set()
    assert ["".join(pieces) for pieces in (first, *others)] == ["first", *map(str, range(6))]
    assert model.batches == [1, 4, 2]


def test_who_has_left_is_not_written_to(generator: TransformersGenerator, model: SlowModel) -> None:
    ask(generator, "first")
    assert model.reached.wait(5)
    cancelled = Budget.start(9, 10)
    ask(generator, "cancelled", cancelled)
    cancelled.cancel.set()
    last = ask(generator, "last")
    model.gate.set()
    assert "".join(last) == "last"
    assert model.batches == [1, 1]


def test_a_prompt_that_fails_spoils_no_other(generator: TransformersGenerator, model: SlowModel) -> None:
    model.gate.set()
    with ThreadPoolExecutor(2) as threads:
        good, bad = (threads.submit("".join, ask(generator, question)) for question in ("good", "bad"))
        assert good.result(5) == "good"
        with pytest.raises(GeneratorError, match=r"'transformers:slow' failed \(ValueError\)"):
            bad.result(5)


def test_a_batch_that_fails_leaves_the_thread_alive(generator: TransformersGenerator, model: SlowModel) -> None:
    model.gate.set()
    model.fails = MemoryError("too much")
    with pytest.raises(GeneratorError, match=r"failed \(MemoryError\): use a smaller model or batch"):
        "".join(ask(generator, "one"))
    model.fails = None
    assert "".join(ask(generator, "two")) == "two"


def test_a_model_that_stalls_holds_nobody_up_beyond_the_budget(generator: TransformersGenerator) -> None:
    with pytest.raises(GeneratorError, match="took too long"):
        "".join(ask(generator, "one", Budget.start(9, 0.1)))


def test_closing_answers_those_who_wait_and_those_who_come_later(
    generator: TransformersGenerator, model: SlowModel
) -> None:
    first = ask(generator, "first")
    assert model.reached.wait(5)
    waiting = ask(generator, "waiting")
    generator.close()
    model.gate.set()
    assert "".join(first) == "first"
    with pytest.raises(GeneratorError, match="is closed"):
        "".join(waiting)
    with pytest.raises(GeneratorError, match="is closed"):
        ask(generator, "late")
