"""What stands out in a text: figures, people, places and dates, by rules; by a spaCy model too where one is installed.

Rules prefer to miss a name rather than call something a name that is none: a person is known by a title, a role or a
verb of saying beside the name, a place by a list, by a word such as "River" or "县", or by the preposition before it.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from nlp.summary.entities import entities
from nlp.summary.names import (
    DAYS,
    GEOGRAPHIC,
    MONTHS,
    NOT_PEOPLE,
    PLACES,
    PLACES_ZH,
    ROLES,
    ROLES_ZH,
    SURNAMES,
    TITLES,
    TITLES_ZH,
)
from nlp.text import HAN
from nlp.types import Facts

_MOST = 5
_CHOSEN = 3  # a mention in the summary counts as much as so many elsewhere
_BONUS = 1  # for money and shares, which are what people look for


def _any(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, words))


_NUMBER = r"(?<![A-Za-z\d.,])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_SCALE = r"(?:\s(?:thousand|million|billion|trillion))"
_NUMERAL = "[零〇一二三四五六七八九十百千万亿两点]"
_MEASURES = (
    "亿元 万元 美元 欧元 港元 日元 元 平方公里 平方米 立方米 公里 千米 厘米 毫米 公顷 公斤 千克 吨 米 亩 度 人次 人 名 "
    "户 倍 辆 座 台 家 所 张 份 头 只 种 艘 架 个百分点 个 条 次 小时 分钟 股 枚 件 套 部 岁 瓦 千瓦时"
).split()
FIGURES = re.compile(
    rf"(?P<telling>[$€£¥]\s?\d[\d,]*(?:\.\d+)?{_SCALE}?"
    rf"|{_NUMBER}\s?(?:%|％|percent\b|per cent\b)"
    rf"|{_NUMBER}{_SCALE}?\s(?:euros?|pounds|dollars|yuan|yen|crowns|francs)\b"
    rf"|百分之(?:{_NUMERAL}+|\d+(?:\.\d+)?)"
    rf"|(?<!\d)(?:\d+(?:\.\d+)?|{_NUMERAL}{{2,12}})[多余]?[万亿]?(?:美元|欧元|港元|日元|元))"
    rf"|{_NUMBER}(?:{_SCALE}(?:\s[a-z]+s\b)?|(?:\s(?:square|cubic))?\s(?:[a-z]{{2,}}s|people|children|men|women)\b)"
    rf"|(?<!\d)(?:\d+(?:\.\d+)?|{_NUMERAL}{{2,12}})[多余]?[万亿]?(?:{'|'.join(_MEASURES)})"
)
_MONTH = f"(?:{'|'.join(MONTHS)})"
_YEAR = r"(?:1\d{3}|20\d{2})"
DATES = re.compile(
    rf"(?P<telling>\b\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}(?:,? {_YEAR})?\b"
    rf"|\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? {_YEAR}\b)?"
    rf"|\b{_MONTH} {_YEAR}\b|\b{_YEAR}-\d{{2}}-\d{{2}}\b"
    rf"|(?<!\d)\d{{4}}年(?:\d{{1,2}}月(?:\d{{1,2}}[日号])?)?|(?<!\d)\d{{1,2}}月\d{{1,2}}[日号]"
    "|[一二][〇零一二三四五六七八九]{3}年)"
    r"|(?:(?<=\b[Ii]n )|(?<=\b[Ss]ince )|(?<=\b[Bb]y )|(?<=\b[Ff]rom )|(?<=\b[Uu]ntil )|(?<=year ))"
    rf"(?:{_YEAR}|{_MONTH})\b"
    rf"|(?<=\b[Oo]n )(?:{'|'.join(DAYS)})\b|星期[一二三四五六日天]|(?<!\d)\d{{1,2}}月(?:底|初|中旬)"
)
_CAP = r"\b[A-ZÀ-ÖØ-Þ][\w’'-]{0,30}[a-zß-ÿ]\b"
_NAME = rf"{_CAP}(?: (?:van|von|de|der|bin|al|el) | ){_CAP}(?: {_CAP})?"
_SAYS = "said|says|told|added|argued|explained|wrote|warned|announced|promised|proposed|reported|asked|opened|suggested"
PEOPLE = re.compile(
    rf"(?:\b(?:{_any(TITLES)})\.? (?P<titled>{_CAP}(?: {_CAP})?))"
    rf"|(?:\b(?:{'|'.join(f'[{r[0]}{r[0].upper()}]{r[1:]}' for r in ROLES)}),? (?P<role>{_NAME}))"
    rf"|(?:\b(?:said|says|added|according to) (?P<saying>{_NAME}))"
    rf"|(?P<subject>{_NAME})(?= (?:{_SAYS})\b|, \d{{1,3}},|, who\b| \(1[0-9]{{3}}\b)"
)
_SAYS_ZH = "说|表示|介绍|认为|指出|告诉|回忆|解释|提醒|建议|强调|承诺|宣布|负责|主持|反映|提出|透露|写成|发明"
PEOPLE_ZH = re.compile(
    rf"(?:{'|'.join(ROLES_ZH)})(?P<role>[{SURNAMES}][{HAN}]{{1,2}}?)(?=[，。、（(：:的）)“]|{_SAYS_ZH}|列席|在|对|也|和|$)"
    rf"|(?<![{HAN}])(?P<subject>[{SURNAMES}](?![家人姓经么全于为在如果此])[{HAN}]{{1,2}}?)(?=(?:还|也|又|则)?(?:{_SAYS_ZH}))"
    rf"|(?<![{HAN}])(?P<titled>[{SURNAMES}](?:{'|'.join(TITLES_ZH)}))"
)
_NOT_PERSON = frozenset([*NOT_PEOPLE, *MONTHS, *DAYS, "The"])
_NOT_A_PLACE = frozenset([*MONTHS, *DAYS, "The", "This", "Of", "I", *TITLES, "God", "English", "French", "Chinese"])
PLACE = re.compile(
    rf"\b(?P<listed>{_any(sorted(PLACES, key=len, reverse=True))})\b"
    rf"|(?P<ending>(?:{_CAP} ){{1,2}}(?:{'|'.join(GEOGRAPHIC)}))\b"
    rf"|(?<=[a-z,;] )(?:in|at|near|from|across|outside|around) (?P<after>{_CAP}(?: {_CAP}){{0,2}})(?=[\s,.;:)])"
)
_PLAIN_ZH = (
    f"(?![的了在和与从到是有个这那每全各本该两一二三四五六七八九十几多新旧大小上下前后跟向往把被为人里去来过])[{HAN}]"
)
PLACE_ZH = re.compile(
    f"(?P<listed>{'|'.join(sorted(PLACES_ZH, key=len, reverse=True))})"
    f"|(?:^|(?<=[，。、；：“（\\s在于从到往的和与]))(?P<ending>(?:{_PLAIN_ZH}){{2,3}}(?:街道|大桥|[市县区镇乡村岛湖]))"
    "(?!长|委|民|政府|局|里|级)"
)
_COMMON_ZH = re.compile(
    "(?:社区|地区|小区|景区|山区|园区|市区|郊区|城市|城区|农村|乡村|县城|街区|校区|超市|门市|保护区|居民区|停车区|划线区)$"
)


def find_facts(sentences: Sequence[str], chosen: Collection[int] = ()) -> Facts:
    """The facts of a text given as sentences; what those in `chosen` mention comes before what others do."""
    figures, people, places, dates = (Counter[str]() for _ in range(4))
    for number, text in enumerate(sentences):
        weight = _CHOSEN if number in chosen else 1
        _count(figures, _telling(FIGURES, DATES.sub(_blank, text)), weight)
        _count(dates, _telling(DATES, text), weight)
        _count(people, ((name, 0) for name in _people(text)), weight)
        _count(places, ((name, 0) for name in _places(text)), weight)
    named = entities(" ".join(sentences))
    people.update(named.people)
    places.update(named.places)
    whole = _whole_names(people)
    return Facts(
        _best(figures),
        _best(whole),
        _best(Counter({p: n for p, n in places.items() if not _is_part(p, whole)})),
        _best(dates),
    )


def _count(counter: Counter[str], found: Iterable[tuple[str, int]], weight: int) -> None:
    for name, bonus in found:
        counter[name] += weight + (bonus if name not in counter else 0)


def _best(counter: Counter[str]) -> tuple[str, ...]:
    """The most counted, those met first before others of the same count."""
    return tuple(name for name, _ in counter.most_common(_MOST))


def _telling(pattern: re.Pattern[str], text: str) -> Iterable[tuple[str, int]]:
    for match in pattern.finditer(text):
        yield match[0].strip(), _BONUS if match["telling"] else 0


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _groups(pattern: re.Pattern[str], text: str) -> Iterable[str]:
    return (match[match.lastgroup or 0] for match in pattern.finditer(text))


def _people(text: str) -> list[str]:
    named = (_untitled(name) for name in _groups(PEOPLE, text))
    return [*(name for name in named if not set(name.split()) & _NOT_PERSON), *_groups(PEOPLE_ZH, text)]


def _untitled(name: str) -> str:
    first, _, rest = name.partition(" ")
    return rest if first in TITLES and rest else name


def _places(text: str) -> list[str]:
    english = [name.removeprefix("The ") for name in _groups(PLACE, text)]
    chinese = [name for name in _groups(PLACE_ZH, text) if not _COMMON_ZH.search(name)]
    return [name for name in english if not set(name.split()) & _NOT_A_PLACE] + chinese


def _whole_names(people: Counter[str]) -> Counter[str]:
    """Counts by full name: a surname alone counts for the one full name that ends with it."""
    whole: Counter[str] = Counter()
    for name, count in people.items():
        longer = [other for other in people if other != name and other.endswith(f" {name}")]
        whole[longer[0] if len(longer) == 1 else name] += count
    return whole


def _is_part(place: str, people: Collection[str]) -> bool:
    return any(place in person for person in people)
