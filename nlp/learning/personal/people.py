"""Names of people, by what stands beside them: "my name is", "Dear", "Mr", 我叫, 先生, 联系人.

A name without such a cue stays: only a model could tell it from other words, and what is learned here is how to route,
for which one name is like another.
"""

import re
from collections.abc import Iterator
from functools import cache

from nlp.gloss import glossary
from nlp.learning.personal.matching import AHEAD, LATIN, Rule
from nlp.summary.names import DAYS, MONTHS, NOT_PEOPLE, SURNAMES
from nlp.text import FUNCTION_WORDS, HAN, simplify
from nlp.types import Span

_WORD = re.compile(rf"[{LATIN}]+(?:['-][{LATIN}]+)*\.?")
_MOST_WORDS, _MOST_SMALL = 4, 2  # words in a name; of these without a capital letter
_NOT_NAMES = frozenset(FUNCTION_WORDS) | frozenset(
    (
        "wrong misspelled misspelt spelled spelt missing displayed shown incorrect incorrectly still already no too longer "
        "different changed required empty blank invalid listed and or but so because also just now here there it's its "
        "your our their his her if then than as into about after before been being only even never always ok okay yes "
        "hi hello hey sorry thanks thank please ready able unable sure new trying looking having getting going using "
        "waiting interested asking writing calling working happy glad afraid stuck confused lost back done not "
        "sir madam all team support customer customers friend friends everyone everybody folks user users bot assistant "
        "service sales admin administrator manager office word excel teams paint sql access project outlook windows "
        "google siri alexa apple microsoft amazon facebook telegram whatsapp chatgpt claude python java linux "
        "sent out up down off today tomorrow tonight yesterday people world god lord santa diary student teacher "
        "american british english chinese french german italian spanish japanese korean indian russian canadian "
        "australian irish scottish welsh dutch polish turkish arabic european asian african mexican brazilian "
        "danish swedish norwegian finnish portuguese greek swiss austrian ukrainian pakistani israeli czech hungarian romanian "
        "belgian thai vietnamese nigerian egyptian iranian singaporean malaysian indonesian filipino taiwanese dawen "
        "vegan vegetarian christian muslim jewish catholic buddhist hindu ceo cto cfo hr it vip pm universe major"
    ).split()
)
_NEVER = frozenset(word.casefold() for word in (*MONTHS, *DAYS, *NOT_PEOPLE))
# A cue after which a name is expected in any letter case.
_TOLD = re.compile(
    rf"{AHEAD}(?:(?:my|his|her|their|our|customer'?s?|user'?s?|patient'?s?|wife'?s|husband'?s|boss'?s?)[ ]+"
    r"(?:full[ ]|first[ ]|last[ ]|given[ ]|family[ ]|real[ ]|legal[ ]|sur)?name(?:'s|[ ]+is|[ ]*:|[ ]+are)|"
    r"(?:full|first|last|contact|customer|recipient|patient)[ ]name[ ]*(?:is|:|=)|please[ ]call[ ]me|i'?m[ ]called|"
    r"i[ ]am[ ]called|they[ ]call[ ]me)[ ]+",
    re.IGNORECASE,
)
# A cue after which only capitalised words are a name.
_HINTED = re.compile(
    rf"{AHEAD}(?:dear|(?:mr|mrs|ms|miss|mx|dr|prof|professor|sir|madam|mister)\.?|name[ ]*:|call[ ]me|i[ ]go[ ]by|attn\.?:?|attention:|"
    r"signed,?|(?:contact|recipient|customer|patient|sender|from|to|cc|author|owner|tenant|guest)[ ]*:)[ ]+",
    re.IGNORECASE,
)
_TITLED_LOWER = re.compile(rf"{AHEAD}(?:mr|mrs|mister)\.?[ ]+", re.IGNORECASE)
_SELF = re.compile(
    rf"{AHEAD}(?:i[ ]am|i'm|im|this[ ]is|it's|here[ ]is|speaking[ ]to|spoke[ ](?:to|with)|hi|hello|hey)[ ]+",
    re.IGNORECASE,
)
_SELF_ENDS = re.compile(r"[ ]*(?:$|[,.!;\n]|(?:from|speaking|calling|here|and|again|at|with|in)(?![A-Za-z])|[(])")
_SIGNED = re.compile(
    r"(?:^|[\s.!?])(?:regards|sincerely|yours(?:[ ]truly|[ ]sincerely)?|cheers|thanks|best(?:[ ]wishes)?|thank[ ]you|love),?"
    r"\s*[\n,][\s-]*(?P<it>[^\n,]{2,40}?)[.!]?\s*$",
    re.IGNORECASE,
)

_COMPOUND = (
    "欧阳 歐陽 上官 司马 司馬 诸葛 諸葛 东方 東方 皇甫 尉迟 尉遲 公孙 公孫 令狐 宇文 长孙 長孫 慕容 司徒 司空 夏侯 端木 南宫 南宮 "
    "独孤 獨孤 轩辕 軒轅 呼延 百里 东郭 東郭"
).split()
_TRADITIONAL = "張劉陳楊黃趙吳孫馬鄭許韓馮鄧曾肖葉蘇魏呂盧薑鍾譚陸範賈韋鄒邱閻龍陶賀顧龔邵萬錢嚴溫齊喬龐顏聶魯蘭紀淩畢蓋於蔣韋羅蕭謝潘"
_FAMILY = frozenset(SURNAMES) | frozenset(_TRADITIONAL) | frozenset("代庾仇娄狄应卫滕米贝明臧计游")
_NOT_GIVEN = frozenset(
    "的了在是我你他她它们想要来住今和与也就不请从到有做去用问买给说跟被把将这那吗呢吧啊現這請從來與將個嗎們說給買問郵"
)
_ENDS_NAME = re.compile(
    "(?:先生|女士|小姐|太太|老师|老師|师傅|師傅|阿姨|叔叔|经理|經理|医生|醫生|教授|主任|律师|律師|同学|同學|总监|總監|博士|电话|電話|"
    "手机|手機|身份|邮箱|微信|年龄|今年|现在|地址|住址)"
)
_ASKED = _NOT_GIVEN | frozenset("什啥谁誰哪怎多不没沒")
_RUN = f"[{HAN}]"
_FOREIGN = rf"{_RUN}{{1,6}}(?:[·•・]{_RUN}{{1,6}})+"
_TOLD_ZH = re.compile(
    r"(?:(?:我|他|她|本人)(?:的?(?:名字|姓名|全名|真名)(?:是|叫|为|為)|叫(?:做)?)|"
    r"(?:姓名|名字|联系人|聯絡人|聯繫人|收件人|收货人|收貨人|寄件人|客户|客戶|患者|乘客|署名|申请人|申請人|经办人|称呼|發件人|发件人|用户名)[ ]*"
    r"(?:是|叫|为|為|:)+|(?:联系人|聯絡人|收件人|收货人|收貨人|寄件人)(?![信地电電手的]))[ ]*"
)
_SURNAME_ZH = re.compile(rf"(?:免贵姓|免貴姓|(?<![{HAN}])我姓|[,。! ]我姓)(?P<it>{_RUN})")
_SELF_ZH = re.compile(r"(?:我是|这是|這是|这里是|這裡是)[ ]*")
_TITLE_ZH = re.compile(
    "(?:先生|女士|小姐|太太|老师|老師|师傅|師傅|阿姨|叔叔|经理|經理|医生|醫生|教授|主任|律师|律師|同学|同學|总监|總監|博士)"
)
_OWNED_ZH = re.compile("的?(?:电话|電話|手机号|手機號|身份证|身份證|邮箱|郵箱|住址|生日|微信号|微信號|银行卡|銀行卡)")
_ENDS_ZH = re.compile(rf"[ ]*(?:$|[^{HAN}A-Za-z0-9 ])")


def _words(text: str, place: int) -> Iterator[re.Match[str]]:
    """The words from `place` on that one space divides, at most as many as a name has."""
    for _ in range(_MOST_WORDS):
        word = _WORD.match(text, place)
        if word is None:
            return
        yield word
        place = word.end() + 1
        if text[word.end() : place] != " ":
            return


def _latin_name(text: str, place: int, any_case: bool) -> Span | None:
    """The name that starts at `place`: words with capitals, or in `any_case` words that are not ordinary ones."""
    end, small = place, 0
    for word in _words(text, place):
        bare = word[0].rstrip(".")
        small += not bare[0].isupper()
        named = small <= (_MOST_SMALL if any_case else 0)
        if not named or bare.casefold() in _NOT_NAMES or bare.casefold() in _NEVER:
            break
        end = word.end()
        if word[0].endswith(".") and len(bare) > 2:
            break
    trimmed = len(text[place:end].rstrip("."))
    return Span(place, place + trimmed) if trimmed > 1 or (trimmed and not any_case) else None


def _after_cues(text: str) -> Iterator[Span]:
    for cue, any_case in ((_TOLD, True), (_HINTED, False), (_TITLED_LOWER, True), (_TOLD_ZH, False)):
        for match in cue.finditer(text):
            if name := _latin_name(text, match.end(), any_case) or _chinese_name(text, match.end()):
                yield name


def _of_the_writer(text: str) -> Iterator[Span]:
    """ "I am John", "this is Mary Smith speaking": one capitalised word must also end what is said."""
    for cue in (_SELF, _SELF_ZH):
        for match in cue.finditer(text):
            name = _latin_name(text, match.end(), False)
            if name and name.end - name.start > 1 and _SELF_ENDS.match(text, name.end):
                yield name


def _signature(text: str) -> Iterator[Span]:
    if match := _SIGNED.search(text):
        name = _latin_name(text, match.start("it"), False)
        if name and name.end == match.end("it"):
            yield name


@cache
def _is_word(text: str) -> bool:
    """True for a word of the dictionary that is no name."""
    simple = simplify(text)
    return len(simple) > 1 and glossary().segment(simple) == [simple] and not glossary().gloss(simple)[:1].isupper()


def _family(text: str, place: int) -> int:
    """The length of the family name at `place`; 0 where there is none."""
    if text[place : place + 2] in _COMPOUND:
        return 2
    return int(text[place : place + 1] in _FAMILY)


def _chinese_name(text: str, place: int) -> Span | None:
    """The family name at `place` and the one or two characters after it that may be a given name."""
    family = _family(text, place)
    if not family:
        return None
    end = place + family
    while end < place + family + 2 and _may_be_given(text, end):
        end += 1
    return Span(place, end) if end > place + family else None


def _may_be_given(text: str, place: int) -> bool:
    character = text[place : place + 1]
    return bool(re.match(_RUN, character)) and character not in _NOT_GIVEN and not _ENDS_NAME.match(text, place)


def _told_in_chinese(text: str) -> Iterator[Span]:
    """After 我叫 or 联系人: a name with a family name, a foreign name, or all that is said when it is short."""
    for match in _TOLD_ZH.finditer(text):
        start = match.end()
        short = re.compile(rf"(?:{_FOREIGN}|{_RUN}{{2,4}}(?=[^{HAN}]|$))").match(text, start)
        called = match[0].rstrip().endswith(("叫", "做"))
        if name := _chinese_name(text, start):
            yield name
        elif (
            short
            and short[0][0] not in _ASKED
            and not _is_word(short[0])
            and (not called or "·" in short[0] or short[0][0] in "小阿大老")
        ):
            yield Span(*short.span())
    for match in _SURNAME_ZH.finditer(text):
        yield Span(*match.span("it"))


def _writer_in_chinese(text: str) -> Iterator[Span]:
    for match in _SELF_ZH.finditer(text):
        name = _chinese_name(text, match.end())
        if (
            name
            and _ENDS_ZH.match(text, name.end)
            and not _is_word(text[name.start : name.start + 2])
            and not _is_common(text, name)
        ):
            yield name


def _is_common(text: str, name: Span) -> bool:
    """True when the characters of a would-be name belong to ordinary words: 程序员, 对方, 谢谢."""
    before, whole = text[max(0, name.start - 1) : name.start + 1], text[name.start : name.end]
    return (
        _is_word(before)
        or _is_word(whole)
        or (_family(whole, 0) == 1 and _is_word(whole[:2]) and _family(whole, 2) > 0)
    )


def _before_cues(text: str) -> Iterator[Span]:
    """Before 先生 a family name is enough; before 的电话 a whole name must stand."""
    for cue, shortest in ((_TITLE_ZH, 1), (_OWNED_ZH, 2)):
        for match in cue.finditer(text):
            lengths = [length for length in (4, 3, 2, 1) if shortest <= length <= match.start()]
            names = (Span(match.start() - length, match.start()) for length in lengths)
            if name := next((n for n in names if _is_whole_name(text, n)), None):
                yield name


def _is_whole_name(text: str, name: Span) -> bool:
    family = _family(text, name.start)
    given = text[name.start + family : name.end]
    if _ENDS_NAME.fullmatch(given):
        return False
    if not family or len(given) > 2 or text[name.start] in "向管" or not re.fullmatch(f"{_RUN}*", given):
        return False
    told = text[: name.start].endswith(("我是", "我叫", "请问", "請問", "联系", "聯繫"))
    return not (set(given) & _NOT_GIVEN) and (told or not _is_common(text, name))


PEOPLE_RULES = tuple(
    Rule("name", find)
    for find in (_after_cues, _of_the_writer, _signature, _told_in_chinese, _writer_in_chinese, _before_cues)
)
