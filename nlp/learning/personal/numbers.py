"""Numbers that name a person: telephones, bank cards and accounts, identity cards, passports, tax and insurance.

Telephones are matched by their forms, not by a table of the numbers in use: a table lets a number through that is
mistyped or newer than it, and privacy errs on the other side.
"""

import re
from datetime import date

from nlp.learning.personal.matching import AHEAD, BEHIND, Rule, digits, pattern

_ALONE, _ENDS = r"(?<![\d.])(?<!\d[-/:,])", r"(?![\d]|[.,:/-]\d)"
_SAYS = r"[ ]*(?:(?:is|are|was|no\.?|at|on|number|num|号码?|號碼?|是|为|為|[:=#])[ ]*){0,4}"
_CALLED = (
    "telephone|tel|phone|mobile|cell|call|text|ring|fax|whatsapp|reach|call me|text me|reach me|ring me|"
    "电话|電話|手机|手機|座机|座機|联系方式|聯絡方式|致电|致電|打给|打給|传真|傳真"
)
_DAY_FIRST = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")


def luhn(number: str) -> bool:
    """True when the last digit of `number` is the check digit of ISO/IEC 7812."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def is_iban(text: str) -> bool:
    """True when `text` has the check digits of an international bank account number (ISO 13616)."""
    joined = text.replace(" ", "").upper()
    return int("".join(str(int(letter, 36)) for letter in joined[4:] + joined[:4])) % 97 == 1


def _is_card(text: str) -> bool:
    number = digits(text)
    return 13 <= len(number) <= 19 and len(set(number)) > 1 and luhn(number)


def _is_trunk_number(text: str) -> bool:
    return 10 <= len(digits(text)) <= 12


def _is_north_american(text: str) -> bool:
    return not _DAY_FIRST.match(text)


def _has_birthday(text: str) -> bool:
    """True when an identity number holds a date: a mistyped one, whose check digit is wrong, still names a person."""
    number = re.sub("[^0-9Xx]", "", text)
    day = number[6:14] if len(number) == 18 else f"19{number[6:12]}"
    try:
        return date(int(day[:4]), int(day[4:6]), int(day[6:])).year >= 1880
    except ValueError:
        return False


_CARDS = (
    rf"{_ALONE}[2-69]\d{{12,18}}{_ENDS}",
    rf"{_ALONE}[2-69]\d{{3}}([ -]+)\d{{4}}\1\d{{4}}\1\d{{1,7}}(?:\1\d{{1,3}})?{_ENDS}",
    rf"{_ALONE}3\d{{3}}[ -]+\d{{6}}[ -]+\d{{5}}{_ENDS}",
    rf"{_ALONE}[2-69]\d{{5}}[ -]+\d{{13}}{_ENDS}",
)
_ACCOUNT = (
    rf"(?:{AHEAD}(?:card|account|acct|a/c)|卡号|卡號|账号|帳號|账户|帳戶|银行卡|銀行卡|信用卡){_SAYS}"
    r"(?P<it>\d(?:[ -]?\d){6,22})(?!\d)"
)
_CITIZEN = r"(?<!\d)[1-9]\d{5}[ -]?(?:18|19|20)\d{2}[ -]?\d{4}[ -]?\d{3}[\dXx](?![A-Za-z\d])"
_CITIZEN_OLD = r"(?<!\d)[1-9]\d{5}[ -]?\d{6}[ -]?\d{3}(?!\d)"
_SOCIAL_SECURITY = r"(?<![\d.-])\d{3}([ -])\d{2}\1\d{4}(?![\d-])"
_INSURANCE = rf"{AHEAD}[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ -]?\d\d[ -]?\d\d[ -]?\d\d[ -]?[A-D]{BEHIND}"
_HONG_KONG = rf"{AHEAD}[A-Z]{{1,2}}\d{{6}}[ ]?\([\dA]\)"
_NAMED = (
    rf"(?:{AHEAD}(?:passport|ssn|social security|national insurance|nino|driver'?s? licen[cs]e|driving licen[cs]e|"
    r"id card|id|identity card)|护照|護照|身份证|身份證|驾照|駕照|驾驶证|駕駛證|证件|證件|社保|社会保障|通行证)"
    rf"(?:[ ]?(?:card|number|号码?|號碼?))?{_SAYS}(?P<it>(?=[A-Za-z-]{{0,4}}\d)[A-Za-z]{{0,3}}[ -]?\d(?:[ -]?\d|[A-Za-z]){{5,18}}){BEHIND}"
)
_CHINESE_MOBILE = r"(?<!\d)(?<!\d\.)(?:\(?(?:\+|00)?86\)?[ -]*)?1[3-9]\d(?:[ .-]{0,2}\d){8}(?!\d)"
_INTERNATIONAL = (
    r"(?<![A-Za-z0-9)])(?:\+|00(?=[1-9](?:[ ().-]{0,3}\d){9})|\+\()[ ]?\d{1,4}\)?(?:[ ().-]{0,3}\d){6,13}(?!\d)"
)
_TRUNK = (
    r"(?<![\d.+])(?<!\d[-/:,])\(?0[1-9]\d{1,4}\)?(?:[ -]{0,3}\d){5,9}(?:[ ]?(?:-|转|轉|ext\.?|x)[ ]?\d{1,6})?(?!\d)"
)
_AMERICAN = (
    r"(?<![\d.])(?<!\d[-/:,])(?:1[ .-]{1,2})?(?:\([2-9]\d{2}\)[ .-]{0,2}|[2-9]\d{2}[ .-]{1,3})\d{3}[ .-]{1,3}\d{4}"
    r"(?:[ ,]*(?:ext\.?|x)[ ]?\d{1,6})?(?!\d)"
)
_AMERICAN_JOINED = rf"{_ALONE}(?:1)?(?:\([2-9]\d{{2}}\)[ ]?\d{{7}}|[2-9]\d{{2}}[2-9]\d{{6}}){_ENDS}"
_CALLED_NUMBER = rf"(?:(?<![A-Za-z0-9])(?:{_CALLED})){_SAYS}(?P<it>\(?\d(?:[ ()-]{{0,2}}\d){{6,13}})(?!\d)"

NUMBER_RULES = (
    Rule("id", pattern(_CITIZEN, check=_has_birthday)),
    Rule("id", pattern(_CITIZEN_OLD, check=_has_birthday)),
    Rule("id", pattern(_SOCIAL_SECURITY)),
    Rule("id", pattern(_INSURANCE, re.IGNORECASE)),
    Rule("id", pattern(_HONG_KONG)),
    Rule("id", pattern(_NAMED, re.IGNORECASE)),
    *(Rule("card", pattern(form, check=_is_card)) for form in _CARDS),
    Rule(
        "card", pattern(rf"{AHEAD}[A-Z]{{2}}\d\d(?:[ ]?[A-Z0-9]{{4}}){{2,7}}[ ]?[A-Z0-9]{{0,4}}{BEHIND}", check=is_iban)
    ),
    Rule("card", pattern(_ACCOUNT, re.IGNORECASE)),
    Rule("phone", pattern(_CHINESE_MOBILE)),
    Rule("phone", pattern(_INTERNATIONAL)),
    Rule("phone", pattern(_TRUNK, check=_is_trunk_number)),
    Rule("phone", pattern(_AMERICAN)),
    Rule("phone", pattern(_AMERICAN_JOINED, check=_is_north_american)),
    Rule("phone", pattern(_CALLED_NUMBER, re.IGNORECASE)),
)
