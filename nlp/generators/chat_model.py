"""A chat model in this process, of any causal or sequence-to-sequence kind, writing several answers in one batch.

The rules at the beginning of every prompt are computed once: their keys and values are copied for each batch, and the
shorter prompts are padded behind them.
"""

import copy
import inspect
import itertools
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nlp.encoder import quiet_transformers
from nlp.errors import GeneratorError
from nlp.generators.base import Budget, Task
from nlp.generators.mailbox import Mailbox
from nlp.generators.prompts import Messages, messages, system
from nlp.generators.rows import Rows
from nlp.types import LANGUAGES

if TYPE_CHECKING:
    import torch

Ids = list[int]


class ChatModel:
    """A network with its tokenizer. Not thread-safe: one thread writes."""

    def __init__(self, name: str, network: Any, tokenizer: Any, static: bool = False) -> None:
        self.name = name
        self._network, self._tokenizer, self._static = network, tokenizer, static
        self._two_part = bool(network.config.is_encoder_decoder)
        self._ends = _ends(network, tokenizer)
        self.pad = next(n for n in (tokenizer.pad_token_id, *sorted(self._ends), 0) if n is not None)
        known = inspect.signature(network.forward).parameters
        self._cache_name = "cache" if "cache" in known else "past_key_values"  # renamed within transformers 5
        self._prefixes: dict[tuple[int, ...], Any] = {}

    @property
    def network(self) -> Any:
        """The network, for whoever trains it; a `ChatModel` made before that must not write afterwards."""
        return self._network

    @property
    def tokenizer(self) -> Any:
        """The tokenizer of the network."""
        return self._tokenizer

    def prompt(self, task: Task, room: int) -> Ids:
        """The tokens that ask for an answer, with as many sources as leave `room` for it.

        Raises:
            GeneratorError: the question does not fit even with one source.
        """
        return self.fitted(task, room)[0]

    def fitted(self, task: Task, room: int, longest: int = 1 << 20) -> tuple[Ids, int]:
        """As `prompt`, with how many sources there are in it; prompt and answer have at most `longest` tokens.

        Raises:
            GeneratorError: the question does not fit even with one source.
        """
        longest = min(longest, getattr(self._network.config, "max_position_embeddings", None) or longest)
        for most in range(len(task.sources), 0, -1) if task.sources else (0,):
            ids = self._encode(messages(task, most))
            if len(ids) + room <= longest:
                return ids, most
        raise GeneratorError(f"model {self.name!r} reads {longest} tokens, too few for the question and one source")

    def answer(self, text: str) -> Ids:
        """The tokens of an answer as the model should write it, with its end."""
        ids: Ids = self._tokenizer(self._without_specials(text), add_special_tokens=False)["input_ids"]
        end = self._tokenizer.eos_token_id
        return [*ids, next(iter(sorted(self._ends))) if end is None else end]

    def write(self, prompts: Sequence[Ids], budgets: Sequence[Budget], mailboxes: Sequence[Mailbox]) -> None:
        """Answer all prompts in one batch, greedily; every mailbox gets pieces and is closed at its own end."""
        import torch
        from transformers import GenerationConfig, StoppingCriteriaList

        rows = Rows(self._tokenizer, self._ends, budgets, mailboxes)
        config = GenerationConfig(  # type: ignore[no-untyped-call]
            do_sample=False,
            max_new_tokens=max(budget.tokens for budget in budgets),
            eos_token_id=sorted(self._ends) or None,
            pad_token_id=self.pad,
            cache_implementation="static" if self._static else None,
        )
        with torch.inference_mode(), quiet_transformers():
            self._network.generate(
                **self._inputs(prompts),
                generation_config=config,
                streamer=rows,
                stopping_criteria=StoppingCriteriaList([rows.spent]),
            )

    def _encode(self, asked: Messages) -> Ids:
        if not getattr(self._tokenizer, "chat_template", None):
            text = "\n\n".join(message["content"] for message in asked)
            plain: Ids = self._tokenizer(text)["input_ids"]
            return plain
        safe = [{**message, "content": self._without_specials(message["content"])} for message in asked]
        text = self._tokenizer.apply_chat_template(
            safe, tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
        ids: Ids = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def _without_specials(self, text: str) -> str:
        """Text in which nothing is a token of the chat template, whatever those of this model look like."""
        for token in self._tokenizer.all_special_tokens:
            text = text.replace(token, f"{token[:1]} {token[1:]}")
        return text

    def _inputs(self, prompts: Sequence[Ids]) -> dict[str, Any]:
        prefix = self._prefix(prompts)
        rows, mask = padded(prompts, len(prefix), self.pad)
        inputs = {"input_ids": self._tensor(rows), "attention_mask": self._tensor(mask)}
        if prefix:
            past = copy.deepcopy(self._computed(prefix))
            past.batch_repeat_interleave(len(prompts))
            inputs[self._cache_name] = past
        return inputs

    def _prefix(self, prompts: Sequence[Ids]) -> tuple[int, ...]:
        """The tokens of the rules, if all prompts begin with them; none where keys and values cannot be copied."""
        if self._two_part or self._static or not _attends_only(self._network.config):
            return ()
        for rules in self._rules:
            if rules and all(tuple(prompt[: len(rules)]) == rules for prompt in prompts):
                return rules
        return ()

    @cached_property
    def _rules(self) -> list[tuple[int, ...]]:
        """What every prompt in a language begins with: that which prompts with other questions have in common."""
        found = []
        for language in LANGUAGES:
            one, two = (
                self._encode([{"role": "system", "content": system(language)}, {"role": "user", "content": content}])
                for content in ("a", "<b")
            )
            found.append(_common(one, two))
        return found

    def _computed(self, prefix: tuple[int, ...]) -> Any:
        """The keys and values of a prefix, computed at its first use."""
        from transformers import DynamicCache

        if prefix not in self._prefixes:
            fresh = DynamicCache(config=self._network.config)
            self._network(self._tensor([list(prefix)]), use_cache=True, **{self._cache_name: fresh})
            self._prefixes[prefix] = fresh
        return self._prefixes[prefix]

    def _tensor(self, rows: Sequence[Ids]) -> "torch.Tensor":
        import torch

        return torch.tensor(rows, device=self._network.device)


def _attends_only(config: Any) -> bool:
    """True where padding can be masked anywhere; layers that convolve or recur would read it."""
    kinds = getattr(config, "layer_types", None) or ["full_attention"]
    return all("attention" in kind and "linear" not in kind for kind in kinds)


def _common(one: Ids, two: Ids) -> tuple[int, ...]:
    same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, two, strict=False))
    return tuple(token for token, _ in same)


def padded(prompts: Sequence[Ids], behind: int, pad: int) -> tuple[list[Ids], list[Ids]]:
    """Rows of one length and their masks; the padding stands behind the first `behind` tokens, and is masked."""
    longest = max(map(len, prompts))
    rows, masks = [], []
    for prompt in prompts:
        gap = longest - len(prompt)
        rows.append([*prompt[:behind], *[pad] * gap, *prompt[behind:]])
        masks.append([*[1] * behind, *[0] * gap, *[1] * (len(prompt) - behind)])
    return rows, masks


def _ends(network: Any, tokenizer: Any) -> frozenset[int]:
    """The tokens that end an answer: those of the model and that of the tokenizer."""
    ends = network.generation_config.eos_token_id
    listed = ends if isinstance(ends, list) else [ends]
    return frozenset(end for end in (*listed, tokenizer.eos_token_id) if end is not None)
