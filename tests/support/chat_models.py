"""A chat model of half a megabyte that the tests train to copy the right sentence of numbered sources, with its [n].

It is an LFM2 in small (a short convolution, then attention, which learns to copy in a minute), with a byte-level
tokenizer and a chat template of its own, saved like any other. The template keeps only the beginning of the rules.
"""

import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    Lfm2Config,
    Lfm2ForCausalLM,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)

from nlp.generators.base import Task
from nlp.generators.prompts import Messages, messages
from nlp.reader import Reading
from nlp.types import LANGUAGES, Evidence, Language, Passage, Span

THINGS: dict[Language, list[str]] = {
    "en": "refunds deposits bonuses invoices grants fines fees wages".split(),
    "zh": "退款 押金 奖金 发票 补助 罚款 费用 工资".split(),
}
DAYS: dict[Language, list[str]] = {
    "en": "two three four five six seven eight nine ten twelve".split(),
    "zh": "两 三 四 五 六 七 八 九 十 十二".split(),
}
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{{ message.content[:12] if message.role == 'system' else message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_STEPS = 300
_RATE = 5e-3
_LEARNED = 0.15  # mean loss of a token that the task must be learned to
_BATCH = 32
# Text that never changes is one token each, so that prompts are short and the copying is all there is to learn.
_TITLE = '">\nHandbook\n'
_WHOLE = [
    *("system\n", "user\n", "assistant\n", "You answer a", "你根据带编号的来源，用中"),
    *('<source number="', _TITLE, "\n</source>\n", "<question>\n", "\n</question>\n"),
    *("Answer in one to three sentences, each with its source: [1].", "用一到三句话回答，每句注明来源：[1]。"),
    *("When are", " paid?", "什么时候支付？"),
    *(f"{end} [{number}]" for end in (" days.", "天内支付。") for number in (1, 2, 3)),
]
_SPECIAL = ["<|pad|>", "<|im_start|>", "<|im_end|>"]


def fact(language: Language, thing: str, days: str) -> str:
    """A sentence such as the model has learned to copy."""
    return f"All {thing} are paid within {days} days." if language == "en" else f"{thing}会在{days}天内支付。"


def question(language: Language, thing: str) -> str:
    """The question that it answers."""
    return f"When are {thing} paid?" if language == "en" else f"{thing}什么时候支付？"


def task_of(asked: str, language: Language, sentences: list[str]) -> Task:
    """A question with one passage for each sentence."""
    evidence = [
        Evidence(Passage(number, text, "Handbook", language=language), Span(0, len(text)), 1 / len(sentences))
        for number, text in enumerate(sentences, 1)
    ]
    return Task(asked, language, Reading(tuple(evidence), 0.9))


def sample(chance: random.Random) -> list[tuple[str, str]]:
    """A conversation over two or three sources: what is asked, beginning with the rules, and what is right, by turns.

    Several questions about the same sources teach more in the same time than one.
    """
    language: Language = chance.choice(["en", "zh"])
    things = chance.sample(THINGS[language], chance.randint(2, 3))
    days = chance.sample(DAYS[language], len(things))
    facts = [fact(language, *pair) for pair in zip(things, days, strict=True)]
    turns: list[tuple[str, str]] = []
    for place in chance.sample(range(len(things)), len(things)):
        rules, user = messages(task_of(question(language, things[place]), language, facts))
        asked = [user | {"content": user["content"][user["content"].index("<question>") :]}] if turns else [rules, user]
        turns.append((prompt(asked), f"{facts[place]} [{place + 1}]<|im_end|>"))
    return turns


def prompt(asked: Messages) -> str:
    """The text of messages, as the template below makes it."""
    written = [
        f"<|im_start|>{m['role']}\n{m['content'][:12] if m['role'] == 'system' else m['content']}" for m in asked
    ]
    return "<|im_end|>\n".join([*written, "<|im_start|>assistant\n"])


def train_chat_model(folder: Path) -> Path:
    """Train until the task is learned, for about a minute, and save to `folder`."""
    torch.manual_seed(0)
    chance = random.Random(0)  # noqa: S311
    tokenizer = _tokenizer()
    network = Lfm2ForCausalLM(_shape(tokenizer)).train()
    _train(network, _batches(tokenizer, chance))
    network.eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _train(network: Any, batches: Iterator[dict[str, torch.Tensor]]) -> None:
    optimizer = torch.optim.AdamW(network.parameters(), lr=_RATE, betas=(0.9, 0.98), weight_decay=0.01)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, total_steps=_STEPS, pct_start=0.15)
    average = 1.0
    for batch in itertools.islice(batches, _STEPS):
        loss = network(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        rate.step()
        optimizer.zero_grad()
        average = 0.9 * average + 0.1 * loss.item()
    assert average < _LEARNED, f"the copying task was not learned: the loss is still {average:.3f}"


def _tokenizer() -> PreTrainedTokenizerFast:
    bytes_ = Tokenizer(models.BPE())
    bytes_.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytes_.decoder = decoders.ByteLevel()
    words = [f"{word} {word}" for language in LANGUAGES for word in (*THINGS[language], *DAYS[language])]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    bytes_.train_from_iterator(
        words, trainers.BpeTrainer(vocab_size=600, special_tokens=_SPECIAL, initial_alphabet=alphabet)
    )
    beginnings = [fact(language, thing, "|").split("|")[0] for language in LANGUAGES for thing in THINGS[language]]
    whole = [*_WHOLE, *(before + beginning.strip() for beginning in beginnings for before in ("", _TITLE))]
    bytes_.add_tokens([AddedToken(text, normalized=False) for text in whole])
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=bytes_, pad_token=_SPECIAL[0], eos_token=_SPECIAL[2], chat_template=TEMPLATE
    )


def _shape(tokenizer: PreTrainedTokenizerFast) -> Lfm2Config:
    return Lfm2Config(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        block_auto_adjust_ff_dim=False,
        num_hidden_layers=3,
        layer_types=["conv", "full_attention", "full_attention"],
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=8192,  # a part of a long text, nearly a token a character
        initializer_range=0.1,
        pad_token_id=0,
        bos_token_id=None,
        eos_token_id=2,
    )


def _batches(tokenizer: Any, chance: random.Random) -> Iterator[dict[str, torch.Tensor]]:
    while True:
        rows = [_row(tokenizer, sample(chance)) for _ in range(_BATCH)]
        longest = max(len(ids) for ids, _ in rows)
        yield {
            "input_ids": torch.tensor([[*ids, *[0] * (longest - len(ids))] for ids, _ in rows]),
            "attention_mask": torch.tensor([[*[1] * len(ids), *[0] * (longest - len(ids))] for ids, _ in rows]),
            "labels": torch.tensor([[*labels, *[-100] * (longest - len(ids))] for ids, labels in rows]),
        }


def _row(tokenizer: Any, turns: list[tuple[str, str]]) -> tuple[list[int], list[int]]:
    """The tokens of a conversation, and those of them that are to be learned."""
    ids: list[int] = []
    labels: list[int] = []
    for asked, answer in turns:
        before, after = tokenizer(asked)["input_ids"], tokenizer(answer)["input_ids"]
        ids += [*before, *after]
        labels += [*[-100] * len(before), *after]
    return ids, labels


def random_chat_model(folder: Path, seed: int = 0, **shape: Any) -> Path:
    """A Qwen3 of random weights: it babbles, always the same, and is made in a moment."""
    torch.manual_seed(seed)
    tokenizer = _tokenizer()
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        num_key_value_heads=2,
        head_dim=16,
        initializer_range=0.5,
        pad_token_id=0,
        bos_token_id=None,
        eos_token_id=2,
        **{"max_position_embeddings": 512, **sizes, **shape},
    )
    Qwen3ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def random_two_part_model(folder: Path) -> Path:
    """A T5 of random weights, without a chat template."""
    torch.manual_seed(0)
    tokenizer = _tokenizer()
    tokenizer.chat_template = None
    config = T5Config(
        vocab_size=len(tokenizer),
        d_model=32,
        d_kv=16,
        d_ff=64,
        num_layers=1,
        num_heads=2,
        pad_token_id=0,
        eos_token_id=2,
    )
    network = T5ForConditionalGeneration(config)
    network.generation_config.decoder_start_token_id = 0
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
