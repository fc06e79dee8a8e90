"""The numbers that a text names, in digits, English words or Chinese characters, in one form that can be compared."""

import re

from nlp.text import fold

_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "万": 10**4, "亿": 10**8}
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {word: value for value, word in enumerate(_ONES)} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
_SPELLED = "|".join([*_WORDS, "hundred", "thousand", "million", "billion"])
_ENGLISH = re.compile(rf"\b(?:{_SPELLED})(?:(?:[\s-]|\sand\s)+(?:{_SPELLED}))*\b")
_DIGITS = re.compile(r"(\d+(?:,\d{3})*(?:\.\d+)?)(?:\s?(hundred|thousand|million|billion|万|亿))?")
_HAN_DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000}
_HAN = re.compile(f"[{''.join(_HAN_DIGITS)}{''.join(_HAN_UNITS)}万亿]+")
_PERCENT = "百分之"


def numbers(text: str) -> frozenset[float]:
    """The values named in `text`.

    "one" and 一 alone are left out, because both are mostly articles; so are the 00 of full hours, and scales such as
    "million", 百 and 万 without a number, which are parts of other words.
    """
    folded = fold(text).replace(_PERCENT, " ")
    found = [_digits(match) for match in _DIGITS.finditer(folded) if match[1] != "00"]
    spelled = _DIGITS.sub(" # ", folded)
    found += [_english(match[0]) for match in _ENGLISH.finditer(spelled) if match[0] not in ("one", *_SCALES)]
    found += [_han(match[0]) for match in _HAN.finditer(spelled) if match[0] != "一" and _has_value(match[0])]
    return frozenset(found)


def _digits(match: re.Match[str]) -> float:
    return float(match[1].replace(",", "")) * _SCALES.get(match[2] or "", 1)


def _english(run: str) -> float:
    total = current = 0
    for word in re.findall(r"[a-z]+", run):
        if word == "hundred":
            current = (current or 1) * 100
        elif word in _SCALES:
            total, current = total + (current or 1) * _SCALES[word], 0
        else:
            current += _WORDS.get(word, 0)
    return float(total + current)


def _has_value(run: str) -> bool:
    return run[0] == "十" or any(character in _HAN_DIGITS for character in run)


def _han(run: str) -> float:
    if not any(character in "十百千万亿" for character in run):
        return float("".join(str(_HAN_DIGITS[character]) for character in run))
    total = section = digit = 0
    for character in run:
        if character in _HAN_DIGITS:
            digit = _HAN_DIGITS[character]
        elif character in _HAN_UNITS:
            section, digit = section + (digit or 1) * _HAN_UNITS[character], 0
        elif character == "亿":
            total, section, digit = (total + section + digit) * 10**8, 0, 0
        else:
            total, section, digit = total + (section + digit) * 10**4, 0, 0
    return float(total + section + digit)
