"""Clues that a sentence answers a question, beyond sharing its words: shared phrases, what stands around the question
word, and whether the sentence holds the kind of thing that is asked for.

"When was Ada born in London?" is answered by what stands beside "born in London", and by something that looks like a
date. Half of these clues ask that of the text, the other half tell where in the passage the sentence stands. Weights
come from training (`nlp.training.reader`), so a clue that tells nothing costs nothing.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from nlp.lexical import distinct_terms, terms
from nlp.text import TOKEN, fold, is_han, length

CLUES = (
    "pairs", "triples", "longest", "left", "right", "unit", "person", "place", "cause",
    "new_names", "new_numbers", "number_asked", "rarest", "second_rarest", "around", "three_rarest",
    "position", "first", "sentences", "rank", "window", "colon", "tiny",
)  # fmt: skip

_WINDOW = 14  # tokens within which the question's terms are looked for together
_RUN = 4  # tokens beside the question word that are looked for
_LONGEST_READ = 400  # tokens of a sentence
_HAN_NUMBER = "一二三四五六七八九十百千万亿两零〇"
_NUMBER = re.compile(rf"\d[\d,.]*|[{_HAN_NUMBER}]+")
_NAME = re.compile(r"\b[A-Z][a-z]+(?: [A-Z][a-z]+)*")
_UNIT_ASKED = re.compile(r"(?:多少|几)个?([\u4e00-\u9fff])|哪一?([年月日天届次季])|how many (\w+)")
_NUMBER_WORD = (
    rf"(?:\d|[{_HAN_NUMBER}]|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|hundred|thousand|million|billion)\b)"
)
_QUESTION_WORD = re.compile(
    r"什么时候|什么时间|什么地方|什么|为什么|怎么样|怎样|怎么|如何|哪一?[些个里儿位种天年]?|何时|何地|何处|何|多少|谁|几"
    r"|多[久长大高远重]|\bwho(?:se|m)?\b|\b(?:what|which|when|where|why)\b|\bhow(?: (?:many|much|long|old|far))?\b"
)
ASKS_NUMBER = re.compile(
    r"\bhow (many|much|long|old|far|tall|large|big|often|high|fast)\b|\bwhen\b"
    r"|\b(what|which) (year|date|number|percent|percentage|age|time|day|month|century|decade|size|price)\b"
    r"|多少|几|何时|什么时候|什么时间|哪一?年|哪天|多[大长高久远重快]"
)
_ASKS_PERSON = re.compile(r"\bwho(se|m)?\b|谁|哪一?位|何人|哪个人|什么人")
_ASKS_PLACE = re.compile(
    r"\bwhere\b|\b(what|which) (city|country|place|state|town|region|location|area|continent|county|island)\b"
    r"|哪里|哪儿|何处|什么地方|哪个(国家|城市|地方|省|市|县|地区)|位于|哪国|在哪"
)
_ASKS_CAUSE = re.compile(r"\bwhy\b|what (caused|reason)|为什么|为何|原因|因何")
_PERSON = re.compile(
    r"[A-Z][a-z]+ [A-Z][a-z]+|·|[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
    r"苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文]"
)
_PLACE = re.compile(r"\b(in|at|near|from|of) [A-Z]|[省市县区国州镇村岛洲路街]|位于|境内")
_CAUSE = re.compile(
    r"\b(because|since|due to|as a result|so that|in order to|owing|caused|reason|therefore|thus)\b"
    r"|因为|由于|因此|为了|以便|所以|原因|导致|因而|故",
    re.IGNORECASE,
)

Tokens = tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """A sentence, with what every question asks of it: each is worked out when it is first wanted, and kept."""

    text: str

    @cached_property
    def terms(self) -> frozenset[str]:
        """Its distinct index terms."""
        return distinct_terms(self.text)

    @cached_property
    def size(self) -> float:
        """The logarithm of its reading length."""
        return math.log1p(length(self.text))

    @cached_property
    def folded(self) -> str:
        """The form that is compared."""
        return fold(self.text)

    @cached_property
    def tokens(self) -> Tokens:
        """Its tokens, in order; of a long one the first."""
        return tokens(self.text)[:_LONGEST_READ]

    @cached_property
    def joined(self) -> str:
        """Its tokens as one text in which runs of them are found."""
        return _joined(self.tokens)

    @cached_property
    def names(self) -> tuple[frozenset[str], ...]:
        """The words of each name in it."""
        return tuple(frozenset(name.casefold().split()) for name in _NAME.findall(self.text))

    @cached_property
    def numbers(self) -> Tokens:
        """The numbers in it, repeats included."""
        return tuple(_NUMBER.findall(self.folded))

    @cached_property
    def kinds(self) -> tuple[bool, bool, bool]:
        """Whether it holds a person, a place and a cause."""
        person, place, cause = (kind.search(self.text) is not None for kind in (_PERSON, _PLACE, _CAUSE))
        return person, place, cause


@dataclass(frozen=True, slots=True)
class AskedFor:
    """What a question asks for: its tokens, those beside its question word, and the kinds of answer that suit."""

    tokens: Tokens
    left: Tokens
    right: Tokens
    unit: str
    names: frozenset[str]
    numbers: frozenset[str]
    person: bool
    place: bool
    cause: bool
    number: bool


@lru_cache(maxsize=8)  # the questions that are being read
def asked_for(question: str) -> AskedFor:
    """Read a question."""
    folded = fold(question)
    left, right = _beside(folded)
    unit = _UNIT_ASKED.search(folded)
    return AskedFor(
        tokens=tokens(question),
        left=left,
        right=right,
        unit=next((found for found in unit.groups() if found), "") if unit else "",
        names=frozenset(word for name in _NAME.findall(question) for word in name.casefold().split()),
        numbers=frozenset(_NUMBER.findall(folded)),
        person=bool(_ASKS_PERSON.search(folded)),
        place=bool(_ASKS_PLACE.search(folded)),
        cause=bool(_ASKS_CAUSE.search(folded)),
        number=bool(ASKS_NUMBER.search(folded)),
    )


def _beside(folded: str) -> tuple[Tokens, Tokens]:
    """The tokens before and after the question word: the first of an English question, the last of a Chinese one."""
    found = list(_QUESTION_WORD.finditer(folded))
    if not found:
        return (), ()
    word = found[-1] if is_han(found[-1][0]) else found[0]
    return tokens(folded[: word.start()])[-_RUN:], tokens(folded[word.end() :].strip("的?？是 "))[:_RUN]


def tokens(text: str) -> Tokens:
    """Stems of English words and single Chinese characters, in order."""
    found = TOKEN.findall(fold(text))
    return tuple(part for token in found for part in (token if is_han(token) else terms(token)))


def clues(question: str, weights: Mapping[str, float], passage: Sequence[Said], place: int, rank: int) -> list[float]:
    """`CLUES` of the sentence at `place` of a passage; `weights` are the rarities of the question's terms.

    `rank` is the passage's place among those found, from 0.
    """
    asked, said = asked_for(question), passage[place]
    around = frozenset().union(*(near.terms for near in passage[max(0, place - 1) : place + 2]))
    return [
        *_shared_phrases(asked, said),
        *_kinds(asked, said),
        *_new(asked, said),
        *_rarest(weights, said.terms, around),
        place / len(passage),
        float(place == 0),
        math.log1p(len(passage)),
        float(rank),
        _closest(weights, said.tokens),
        float(":" in said.text or "：" in said.text),
        float(len(said.tokens) < 6),
    ]


def _shared_phrases(asked: AskedFor, said: Said) -> list[float]:
    return [
        _shared(asked.tokens, said.tokens, 2),
        _shared(asked.tokens, said.tokens, 3),
        _longest(asked.tokens, said) / max(3, len(asked.tokens)),
        _run(asked.left, said, at_end=True),
        _run(asked.right, said, at_end=False),
    ]


def _shared(asked: Tokens, words: Tokens, size: int) -> float:
    """The share of the question's runs of `size` tokens that the sentence has."""
    wanted, found = (set(zip(*(row[i:] for i in range(size)), strict=False)) for row in (asked, words))
    return len(wanted & found) / max(1, len(wanted))


def _longest(asked: Tokens, said: Said) -> int:
    """The length of the longest run of tokens that both have."""
    best = 0
    for start in range(len(asked)):
        while start + best < len(asked) and _joined(asked[start : start + best + 1]) in said.joined:
            best += 1
    return best


def _run(side: Tokens, said: Said, *, at_end: bool) -> float:
    """How many of the tokens right beside the question word the sentence has in one piece, as a share of `_RUN`."""
    for size in range(len(side), 0, -1):
        if _joined(side[-size:] if at_end else side[:size]) in said.joined:
            return size / _RUN
    return 0.0


def _joined(words: Tokens) -> str:
    return "\0" + "\0".join(words) + "\0"


def _kinds(asked: AskedFor, said: Said) -> list[float]:
    """For each kind of answer 0 where it is not asked for, else whether the sentence holds one (1, or -1)."""
    unit = asked.unit and re.search(rf"{_NUMBER_WORD}.{{0,12}}?{re.escape(asked.unit[:5])}", said.folded)
    held = (bool(unit), *said.kinds)
    return [
        _told(wanted, there)
        for wanted, there in zip((bool(asked.unit), asked.person, asked.place, asked.cause), held, strict=True)
    ]


def _told(wanted: bool, held: bool) -> float:
    return (1.0 if held else -1.0) if wanted else 0.0


def _new(asked: AskedFor, said: Said) -> list[float]:
    """Names and numbers that the question does not have: an answer is something new."""
    names = sum(not name <= asked.names for name in said.names)
    numbers = math.log1p(sum(number not in asked.numbers for number in said.numbers))
    return [math.log1p(names), numbers, numbers if asked.number else 0.0]


def _rarest(weights: Mapping[str, float], here: frozenset[str], around: frozenset[str]) -> list[float]:
    """Whether the question's rarest terms are here, and the share of all of them in the sentence and its neighbours."""
    ranked = sorted(weights, key=lambda term: -weights[term])
    share = sum(weights[term] for term in ranked if term in around) / (sum(weights.values()) or 1.0)
    rarest, second = ([term in here for term in ranked[:2]] + [False, False])[:2]
    return [float(rarest), float(second), share, float(all(term in here for term in ranked[:3]))]


def _closest(weights: Mapping[str, float], words: Tokens) -> float:
    """The greatest share of the question's rarity within `_WINDOW` tokens."""
    places = [i for i, word in enumerate(words) if word in weights]
    found = (sum(weights.get(word, 0.0) for word in set(words[i : i + _WINDOW])) for i in places)
    return max(found, default=0.0) / (sum(weights.values()) or 1.0)
