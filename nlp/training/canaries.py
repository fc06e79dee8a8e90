"""Whether a model says by heart what it must not: canary phrases, begun and left to it to finish.

Each phrase is cut in the middle, and the model goes on greedily from its first half, bare and as the beginning of an
answer in a chat. It has it by heart if it says the second half (Carlini et al. 2019, "The Secret Sharer").
"""

from collections.abc import Sequence

from nlp.generators.base import Budget, Task
from nlp.generators.chat_model import ChatModel
from nlp.generators.mailbox import Mailbox
from nlp.reader import Reading
from nlp.text import detect_language, fold

_SECONDS = 300.0  # for a batch of continuations
_BATCH = 8
_SPARE = 4  # tokens more than the second half has, because its tokens may be cut differently after another text


def continue_from(model: ChatModel, prompts: Sequence[Sequence[int]], tokens: int) -> list[str]:
    """What the model writes after each prompt, greedily, at most `tokens` tokens each.

    Raises:
        GeneratorError: a batch took longer than five minutes.
    """
    said: list[str] = []
    for start in range(0, len(prompts), _BATCH):
        batch = [list(prompt) for prompt in prompts[start : start + _BATCH]]
        budgets, mailboxes = [Budget.start(tokens, _SECONDS) for _ in batch], [Mailbox() for _ in batch]
        model.write(batch, budgets, mailboxes)
        said += ["".join(box.read(budget)) for box, budget in zip(mailboxes, budgets, strict=True)]
    return said


def produced(model: ChatModel, canaries: Sequence[str]) -> list[str]:
    """Those of the canary phrases that the model has by heart; phrases of fewer than two tokens are passed over."""
    return [phrase for phrase in canaries if _has_by_heart(model, phrase)]


def _has_by_heart(model: ChatModel, phrase: str) -> bool:
    ids = model.tokenizer(phrase, add_special_tokens=False)["input_ids"]
    begun, rest = ids[: len(ids) // 2], ids[len(ids) // 2 :]
    if not begun:
        return False
    tokens = len(rest) + _SPARE
    wanted = _plain(model.tokenizer.decode(rest))
    task = Task(model.tokenizer.decode(begun), detect_language(phrase), Reading((), 0.0))
    asked = model.prompt(task, len(ids) + _SPARE)
    return any(_plain(text).startswith(wanted) for text in continue_from(model, [begun, [*asked, *begun]], tokens))


def _plain(text: str) -> str:
    return "".join(fold(text).split())
