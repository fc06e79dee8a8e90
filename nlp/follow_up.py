"""Follow-ups made self-contained: "how long does it take?" asked after "How do I get a refund?" names the refund.

Rules, no model, tried in this order; the first that applies decides, and what none applies to is left as it is:

1. Again: "and in Chinese?", "用英文再说一遍" are the question before (see `asked_language` for the language).
2. Ordinal: "the second one", "第二个" stand for that item of the last answer, or for that source of it.
3. Another case: "and for students?", "what about Sunday?", "那周末呢？" are the question before about that case.
4. Effort: in "how long does it take?", asked after "how do I …?", "it" is to do that.
5. Pronoun: "it", "they", "this policy", "它", "这个流程" stand for what the question before was about, unless the text
   itself names something before them.
6. Nothing of its own: a text of question words, light words and words that depend on another, such as "why?", "is there
   a fee?", "需要什么材料？", is asked of what the question before was about.

What a question is about (`topic`): a quoted name, else for "he" and "she" a capitalised name, else the first noun
phrase.
A question that names its own topic, or speaks to the bot ("who are you?"), is never rewritten by rule 6.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nlp import follow_up_words as words
from nlp.text import TOKEN, detect_language, has_han, sentences
from nlp.types import Language

_MOST_CASE = 6  # words, or Chinese characters times 1.5, of another case; longer texts speak for themselves
_PAUSES = frozenset(",;:")
_WORD_OR_PAUSE = re.compile(r"[\w'’.-]*\w|[,;:]")
_SHORT = 8  # words
_MOST_VERB = 3  # Chinese characters that may stand before "它" without being what it means
_END = " ?？。.!！~…"
_QUOTED = re.compile(r"《[^》]+》|“[^”]+”|「[^」]+」|\"[^\"]+\"")
_ITEM = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)、]|[（(]\d{1,2}[）)])\s*(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question as it was understood, the answer it got, and the titles of the sources shown with it."""

    question: str
    answer: str = ""
    sources: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[str, ...]:
        """What "the second one" may mean: the items of a list, else the sentences, else the sources."""
        listed = tuple(_ITEM.findall(self.answer))
        said = tuple(self.answer[s.start : s.end] for s in sentences(self.answer))
        return next((found for found in (listed, said) if len(found) > 1), self.sources)


def rewrite(question: str, history: Sequence[Exchange], *, continues: bool = False) -> str:
    """`question` so that it can be understood alone; itself where no rule applies or nothing was asked before.

    `history` is oldest first. `continues` tells that somebody who knows more, such as a router, takes the text for a
    follow-up: then a bare fragment ("students?") counts as another case.
    """
    text = question.strip()
    if not history or not TOKEN.search(text):
        return question
    last = history[-1]
    if _asks_again(text):
        return last.question
    if detect_language(text) != detect_language(last.question):
        # Half of one language in the other is understood by nobody, but for an English name in a Chinese question.
        return (_pronoun(text, last) or question) if has_han(text) else question
    rules = (_ordinal, _other_case, _effort, _pronoun, _nothing_of_its_own, *((_fragment,) if continues else ()))
    return next((found for rule in rules if (found := rule(text, last))), question)


def asked_language(question: str) -> Language | None:
    """The language that a message wants the last answer in, if it wants nothing else."""
    match = words.AGAIN_IN.fullmatch(question.strip(_END))
    if not match:
        return None
    return "en" if (match["en"] or match["zh"]).lower() in ("english", "英文", "英语") else "zh"


def _asks_again(text: str) -> bool:
    return asked_language(text) is not None or bool(words.AGAIN.fullmatch(text.strip(_END)))


def topic(question: str, *, person: bool = False) -> str:
    """What a question is about; for a `person` preferably a name. Empty when it names nothing."""
    quoted = _QUOTED.search(question)
    if quoted:
        return quoted[0]
    if detect_language(question) == "zh":
        return _topic_zh(question)
    names = words.NAME.findall(question) if person else []
    return names[0] if names else next(iter(noun_phrases(question)), "")


def noun_phrases(text: str) -> list[str]:
    """The noun phrases of an English question, in order, without its verbs as far as their place gives these away."""
    found: list[str] = []
    phrase: list[str] = []
    before = ""  # the word that the phrase follows
    for token in [*_WORD_OR_PAUSE.findall(text), ""]:
        word = token.lower()
        ends = not word or word in words.EN_BREAKS or word in _PAUSES
        begins = bool(phrase) and word in words.DETERMINERS and phrase[-1].lower() != "of"
        if not ends and not begins:
            phrase.append(token)
            continue
        found += _nouns(phrase, before)
        before, phrase = (word, []) if ends else (phrase[-1].lower(), [token])
    return found


def _nouns(phrase: list[str], before: str) -> list[str]:
    """A run of content words without the verb at its edge, by the word before the run."""
    kept = list(phrase)
    lowered = [word.lower() for word in kept]
    if before in words.SUBJECTS and lowered and lowered[0] not in words.DETERMINERS:
        kept = kept[1:]  # "I reset", "to pay", "who approves"
    elif before in words.INVERTING and len(kept) > 1:
        kept = kept[:-1]  # "does the office open"
    elif before in words.BEING and len(kept) > 1 and words.PARTICIPLE.search(lowered[-1]):
        kept = kept[:-1]  # "are refunds paid"
    while kept and kept[-1].lower() in (*words.DETERMINERS, "of"):
        kept.pop()
    return [" ".join(kept)] if kept and not all(w.endswith("ly") for w in kept) else []


def _topic_zh(question: str) -> str:
    """The part before the question word, else the one behind it, without verbs and attributes at its edges."""
    pieces = [words.ZH_EDGES.sub("", piece) for piece in words.ZH_BREAKS.split(question.strip(_END))]
    kept = [words.ZH_OWNED.sub("", piece) for piece in pieces if piece]
    return next((piece for piece in kept if len(piece) > 1), next((piece for piece in kept if piece), ""))


def _statement(question: str) -> str:
    """A question without its question words: what "why?" asks about."""
    bare = question.strip(_END)
    if detect_language(question) == "zh":
        return words.ZH_ASKING.sub("", bare) or bare
    return words.EN_OPENING.sub("", bare) or bare


def _about(last: Exchange, *, person: bool = False) -> str:
    return topic(last.question, person=person) or _statement(last.question)


def _ordinal(text: str, last: Exchange) -> str | None:
    match = words.ORDINAL.search(text)
    if not match or _own_words(text[: match.start()] + " " + text[match.end() :]):
        return None
    items = last.sources if match["source"] or match["zh_source"] else last.items
    number = words.NUMBERS.get((match["en"] or match["zh"]).lower(), 0)
    if not 0 < abs(number) <= len(items):
        return None
    item = items[number - 1 if number > 0 else number].strip(_END)
    return text[: match.start()] + item + text[match.end() :]


def _other_case(text: str, last: Exchange) -> str | None:
    match = words.OTHER_CASE.fullmatch(text.strip(_END))
    if match:
        return _case((match["en"] or match["zh"] or match["bare"]).strip(), last)
    return None


def _fragment(text: str, last: Exchange) -> str | None:
    return _case(text.strip(_END), last)


def _case(case: str, last: Exchange) -> str | None:
    """The question before, about another case, or nothing when `case` is a question or too long for a case."""
    size = len(case) / 1.5 if has_han(case) else len(case.split())
    if size > _MOST_CASE or words.ASKS.search(case) or words.PRONOUN.search(case) or words.TO_THE_BOT.search(case):
        return None
    if words.ATTRIBUTE.fullmatch(case):
        return _join(case, _about(last))
    asked, about = last.question.strip(_END), topic(last.question)
    if about and about in case:
        return None
    mark = "？" if detect_language(asked) == "zh" else "?"
    return (_instead(case, asked) or _beside(case, asked)) + mark


def _instead(case: str, asked: str) -> str:
    """The question with `case` in the place of what it can stand for; empty when it can stand for nothing there."""
    for kind in words.CASES:
        if kind.search(case):
            before = kind.search(asked)
            return _swapped(case, asked, before) if before else ""
    about = topic(asked)
    stands_first = not has_han(asked) or asked.startswith(about)
    return asked.replace(about, case, 1) if about and stands_first else ""


def _swapped(case: str, asked: str, before: re.Match[str]) -> str:
    """The question with `case` for what it held; people take the place of people only, and "on" stays before a day."""
    if bool(words.PEOPLE.search(case)) != bool(words.PEOPLE.search(before[0])):
        return ""
    preposition = words.LEADS.match(before[0])
    lead = preposition[0] if preposition and words.WEEKDAY.fullmatch(case) else ""
    return asked[: before.start()] + lead + case + asked[before.end() :]


def _beside(case: str, asked: str) -> str:
    """The question with `case` added to it."""
    if detect_language(asked) == "zh":
        return case + asked
    if words.PEOPLE.fullmatch(case):
        return f"{asked} for {case}"
    return f"{asked} on {case}" if words.WEEKDAY.fullmatch(case) else f"{asked} {case}"


def _effort(text: str, last: Exchange) -> str | None:
    """What takes long is rarely the thing itself: "how long does it take to retrain the bot", not "the bot takes"."""
    match, doing = words.TAKES.search(text), words.DOING.match(last.question.strip(_END))
    if not match or not doing or words.TO_DO.match(text[match.end() :]):
        return None
    return f"{text[: match.end()]} to {doing[1]}{text[match.end() :]}"


def _pronoun(text: str, last: Exchange) -> str | None:
    pronouns = [] if words.EXPLETIVE.search(text) else words.PRONOUN.finditer(text)
    match = next((found for found in pronouns if not _answered_inside(text, found)), None)
    if match is None:
        return None
    about = _about(last, person=match[0].lower() in words.PERSONAL)
    if match["one"]:
        about = about.split()[-1]
    tail = text[match.end() :]
    owner = match["its"] or (match[0].lower() == "her" and re.match(r" \w", tail))
    return text[: match.start()] + about + ("'s" if owner else "") + tail


def _answered_inside(text: str, pronoun: re.Match[str]) -> bool:
    """True when the text itself names, before its pronoun, what that may stand for; or when it is part of a name."""
    before = text[: pronoun.start()]
    named = len("".join(_own_words(before)))
    if words.CLAUSE_END.search(before):
        return named > 0
    if has_han(text):
        return named > (_MOST_VERB if pronoun[0][0] in "它他她" else 0)
    if before and pronoun[0][0].isupper():
        return True
    # "When will my manager approve it?" is short, and the pronoun at its end is none of its subject.
    ends_it = not text[pronoun.end() :].strip(_END) and len(text.split()) <= _SHORT
    return not ends_it and any(_own_words(phrase) for phrase in noun_phrases(before))


def _nothing_of_its_own(text: str, last: Exchange) -> str | None:
    if words.TO_THE_BOT.search(text) or _own_words(text) or not words.ASKS_SOMETHING.search(text):
        return None
    bare = text.strip(_END)
    about = _statement(last.question) if words.REASON.search(bare) else _about(last)
    return _join(bare, about) + ("？" if has_han(bare) else "?")


def _own_words(text: str) -> list[str]:
    """The words of a text that are neither question words nor light nor dependent on a topic."""
    rest = words.ZH_LIGHT.sub(" ", text)
    return [word for word in TOKEN.findall(rest) if word.lower() not in words.EN_LIGHT]


def _join(text: str, about: str) -> str:
    """A text that has no topic together with one."""
    if not has_han(text):
        return f"{text} for {about}" if words.ATTRIBUTE.search(text) else f"{text} – {about}"
    if words.REASON.match(text) or words.MORE.match(text):
        return text + about
    return about + ("的" if words.ZH_ATTRIBUTE.match(text) else "") + text
