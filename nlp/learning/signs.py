"""Signs in what people say next that the answer before was good or bad, and what opinions are worth by their channel.

A sign is weak: it is worth less than a vote, and nothing where the same person has voted; `nlp.learning.evidence`
states the weights and the rule.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from nlp.learning.evidence import REPHRASED_WITHIN, SIGNAL_WEIGHTS, Signal
from nlp.lexical import query_terms
from nlp.text import clean, detect_language, fold, length
from nlp.types import Language

Channel = Literal["button", "reaction", "review", "rephrased", "denied", "thanked"]

ANSWERED_WITHIN = timedelta(minutes=10)
# Shared terms over all terms. Of questions on one paragraph that differ, 3.4 % reach this in SQuAD (train) and 2.5 % in
# CMRC 2018 (train); of paraphrases on COVID-19, 24 %: a sign that is missed does less harm than one that is none.
_ALIKE: Mapping[Language, float] = {"en": 0.5, "zh": 0.6}
_LONGEST_DENIAL = 8  # words and Chinese characters
_DENIAL = re.compile(
    r"(?:(?:no+|nope|nah|wrong|incorrect|false|not (?:right|correct|true|what i (?:asked|meant))|"
    r"(?:that|this|it)(?:'s| is|s)? (?:is )?(?:not (?:right|correct|true|it|what i (?:asked|meant))|wrong|incorrect|"
    r"false)|(?:that|this|it) isn't (?:right|correct|true|it|what i (?:asked|meant))|you(?:'re| are) wrong)[\s,.!;]*)+"
    r"|(?:(?:不|不对|不是|错|错了|错误|答错了|不正确|说错了|你错了|这不对|这是错的|不是这个|不是这样|不是这样的|"
    r"不是我(?:要|想)?问的|答非所问|胡说)[\s,.!;，。！；吧啊呀的]*)+"
)
_SIGNALS: Mapping[Channel, tuple[Signal, Signal]] = {
    "button": (Signal.UP, Signal.DOWN),
    "reaction": (Signal.REACTION_UP, Signal.REACTION_DOWN),
    "review": (Signal.REVIEW, Signal.REVIEW),
    "rephrased": (Signal.REPHRASED, Signal.REPHRASED),
    "denied": (Signal.DENIED, Signal.DENIED),
    "thanked": (Signal.THANKED, Signal.THANKED),
}  # what likes and what dislikes
_TURNS: Mapping[str, Channel] = {
    "complaint": "denied",
    "correction": "denied",
    "thanks": "thanked",
    "praise": "thanked",
}


@dataclass(frozen=True, slots=True)
class Sign:
    """What a message says of the answer before: `value` is +1 or -1."""

    channel: Channel
    value: int

    @property
    def weight(self) -> float:
        """What it is worth as evidence."""
        return worth(self.channel, self.value)


def signal_of(channel: Channel, value: int, detail: str = "") -> Signal:
    """What an opinion of +1 or -1 is as evidence, by the channel it came on; `detail` is the reason for a dislike."""
    if channel == "button" and value < 0 and detail:
        return Signal.WRONG_BECAUSE
    return _SIGNALS[channel][value < 0]


def worth(channel: Channel, value: int, detail: str = "") -> float:
    """The weight of such an opinion."""
    return SIGNAL_WEIGHTS[signal_of(channel, value, detail)]


def sign_of(text: str, intent: str | None, before: str, after: timedelta) -> Sign | None:
    """The sign in what a person says next; None for most messages.

    `intent` is what the text is surely about, if that is known; `before` is the question that they had asked, and
    `after` how long ago that was. A text that asks the same again within two minutes was not answered; a short denial,
    a complaint or a correction says that the answer was bad, thanks and praise that it was good, within ten.
    """
    if after.total_seconds() <= REPHRASED_WITHIN and rephrases(text, before):
        return Sign("rephrased", -1)
    if after > ANSWERED_WITHIN:
        return None
    channel: Channel | None = "denied" if denies(text) else _TURNS.get(intent or "")
    return Sign(channel, 1 if channel == "thanked" else -1) if channel else None


def denies(text: str) -> bool:
    """True for a short text that says no and nothing else: "no", "that's wrong", "不对", "错了"; not "no, thanks"."""
    plain = fold(clean(text)).replace("’", "'").strip(" ?？.。!！~…")
    return 0 < length(plain) <= _LONGEST_DENIAL and _DENIAL.fullmatch(plain) is not None


def rephrases(text: str, before: str) -> bool:
    """True when two questions share so many of their terms that they ask the same."""
    ours, theirs = set(query_terms(text)), set(query_terms(before))
    both = ours | theirs
    return bool(both) and len(ours & theirs) / len(both) >= _ALIKE[detect_language(text)]
