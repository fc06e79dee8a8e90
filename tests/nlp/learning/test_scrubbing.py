"""Personal data is taken out of text in both languages, and nothing else is."""

import itertools
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.learning.personal.numbers import luhn
from nlp.learning.scrubbing import KINDS, scrub

FAMILY, GIVEN = "王李张刘陈赵周吴徐孙欧阳诸葛", "伟芳娜秀英敏静丽强磊洋艳勇军杰涛明超霞"
FIRST, LAST = (
    "Wendeline Bartholo Ottoline Fitzroy Quenby".split(),
    "Vanterpool Ashgrove Oakhurst Zeldman Kowalczyk".split(),
)


def _digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choices("0123456789", k=count))


def _card(chance: random.Random) -> str:
    body = chance.choice(["4", "51", "6222"]) + _digits(chance, 15)
    return next(n for n in (body[:15] + check for check in "0123456789") if luhn(n))


def _citizen(chance: random.Random) -> str:
    body = f"{chance.randint(11, 65)}0{_digits(chance, 3)}{chance.randint(1940, 2010)}{chance.randint(1, 12):02}"
    body += f"{chance.randint(1, 28):02}{_digits(chance, 3)}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(w * int(d) for w, d in zip(weights, body, strict=True)) % 11]


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in text)


def _spaced(number: str, *sizes: int, by: str = " ") -> str:
    ends = list(itertools.accumulate(sizes))
    return by.join(number[a:b] for a, b in zip([0, *ends], [*ends, len(number)], strict=True) if a < len(number))


def _chinese_name(chance: random.Random) -> str:
    family = chance.choice([*FAMILY[:10], "欧阳", "诸葛"])
    return family + "".join(chance.sample(GIVEN, chance.randint(1, 2)))


def _english_name(chance: random.Random) -> str:
    return f"{chance.choice(FIRST)} {chance.choice(LAST)}"


def _mail(chance: random.Random) -> str:
    host = f"{chance.choice(['example', 'corp-mail', 'qq'])}.{chance.choice(['com', 'co.uk', 'cn'])}"
    return f"canary{_digits(chance, 4)}@{host}"


def _mobile(chance: random.Random) -> str:
    return f"1{chance.randint(3, 9)}{_digits(chance, 9)}"


def _key(chance: random.Random) -> str:
    return "".join(chance.choices("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=35))


Form = tuple[str, Callable[[random.Random], str], Callable[[str], str], str]
PLAIN: Callable[[str], str] = str
# kind, canary, how it is written, the sentence around it
FORMS: list[Form] = [
    ("email", _mail, PLAIN, "please write to {}, thanks"),
    ("email", _mail, PLAIN, "我的邮箱是{}，请回复"),
    ("email", _mail, lambda m: m.replace("@", " (at) "), "reach me under {} or not at all"),
    ("email", _mail, lambda m: m.replace("@", "[at]").replace(".", "[dot]"), "mail: {}"),
    ("email", _mail, lambda m: m.replace("@", " at ").replace(".", " dot "), "it is {}"),
    ("email", _mail, lambda m: m.replace("@", "＠"), "邮箱{}"),
    ("phone", _mobile, PLAIN, "我的手机{}打不通"),
    ("phone", _mobile, lambda n: f"+86 {_spaced(n, 3, 4, 4)}", "call {} after six"),
    ("phone", _mobile, lambda n: _wide(_spaced(n, 3, 4, 4, by="-")), "联系我：{}。"),
    ("phone", lambda c: f"0{c.choice(['10', '21', '755'])}-{c.randint(2, 8)}{_digits(c, 7)}", PLAIN, "座机{}没人接"),
    ("phone", lambda c: f"({c.randint(201, 989)}) {c.randint(200, 999)}-{_digits(c, 4)}", PLAIN, "my number is {}."),
    ("phone", lambda c: f"{c.randint(201, 989)}.{c.randint(200, 999)}.{_digits(c, 4)}", PLAIN, "or {}?"),
    ("phone", lambda c: f"+44 20 7{_digits(c, 3)} {_digits(c, 4)}", PLAIN, "from London {} please"),
    ("phone", lambda c: f"07{_digits(c, 3)} {_digits(c, 6)}", PLAIN, "text {} and say so"),
    (
        "phone",
        lambda c: f"+{c.choice([49, 33, 81, 852])} {_digits(c, 3)} {_digits(c, 3)} {_digits(c, 3)}",
        PLAIN,
        "{} abroad",
    ),
    ("phone", lambda c: f"{c.randint(2, 8)}{_digits(c, 7)}", PLAIN, "电话是{}"),
    ("card", _card, PLAIN, "I paid with {} twice"),
    ("card", _card, lambda n: _spaced(n, 4, 4, 4, 4), "卡号 {} 被吞了"),
    ("card", _card, lambda n: _wide(_spaced(n, 4, 4, 4, 4, by="-")), "银行卡{}"),
    ("id", _citizen, PLAIN, "身份证号{}怎么查"),
    ("id", _citizen, PLAIN, "{} is what it says"),
    ("id", lambda c: _citizen(c)[:6] + _citizen(c)[8:17], PLAIN, "老身份证{}还能用吗"),
    ("id", lambda c: f"{c.randint(100, 665)}-{c.randint(10, 99)}-{c.randint(1000, 9999)}", PLAIN, "my SSN is {} okay"),
    ("id", lambda c: f"AB {_spaced(_digits(c, 6), 2, 2, 2)} C", PLAIN, "national insurance {}"),
    ("id", lambda c: f"E{_digits(c, 8)}", PLAIN, "护照号码：{}"),
    ("id", lambda c: _digits(c, 9), PLAIN, "my passport number is {}"),
    (
        "address",
        lambda c: f"{c.randint(2, 9999)} Canary {c.choice(['Street', 'Rd', 'Avenue'])}",
        PLAIN,
        "I live at {}.",
    ),
    (
        "address",
        lambda c: f"{c.randint(2, 999)} N. Oak Hollow Dr., Apt {c.randint(2, 99)}",
        PLAIN,
        "Ship it to {}, Austin, TX 78701",
    ),
    ("address", lambda c: f"SW{c.randint(1, 9)}A {c.randint(1, 9)}AA", PLAIN, "My postcode is {}"),
    (
        "address",
        lambda c: f"朝阳区建国路{c.randint(2, 999)}号院{c.randint(2, 30)}号楼{c.randint(101, 2999)}室",
        PLAIN,
        "我住在北京市{}",
    ),
    ("address", lambda c: f"天河北路{c.randint(2, 999)}號", PLAIN, "送到廣州市{}，謝謝"),
    ("address", lambda c: f"阳光花园{c.randint(2, 30)}栋{c.randint(101, 2999)}", PLAIN, "快递放{}门口"),
    ("url", lambda c: f"token={_key(c)}", lambda q: f"https://shop.example.com/pay?{q}&x=1", "open {} now"),
    ("url", lambda c: f"canary{_digits(c, 6)}:pw@", lambda u: f"https://{u}git.example.com/x", "clone {}"),
    ("ip", lambda c: f"203.0.{c.randint(2, 254)}.{c.randint(2, 254)}", PLAIN, "服务器{}连不上"),
    ("handle", lambda c: f"@canary_{_digits(c, 5)}", PLAIN, "ask {} about it"),
    ("handle", lambda c: f"wx_{_digits(c, 7)}", PLAIN, "加我微信：{}"),
    ("key", lambda c: f"{_digits(c, 9)}:{_key(c)}", PLAIN, "my bot token {} leaked"),
    ("key", lambda c: f"sk-{_key(c)}", PLAIN, "密钥是{}"),
    ("key", lambda c: f"hunter{_digits(c, 4)}", PLAIN, "the password is {}"),
    ("name", _english_name, PLAIN, "my name is {} and I need help"),
    ("name", _english_name, str.lower, "hello, my name is {}, where is my parcel"),
    ("name", _english_name, PLAIN, "I am Mr. {}"),
    ("name", _english_name, PLAIN, "Dear {}, the invoice is late"),
    ("name", _english_name, PLAIN, "I'm {} from the third floor"),
    ("name", _chinese_name, PLAIN, "我叫{}，想查订单"),
    ("name", _chinese_name, PLAIN, "我是{}先生，订单没到"),
    ("name", _chinese_name, PLAIN, "联系人：{}"),
    ("name", _chinese_name, PLAIN, "请问{}老师在吗"),
]


@settings(max_examples=1200, deadline=None)
@given(st.sampled_from(FORMS), st.randoms(use_true_random=False))
def test_no_canary_is_left(form: Form, chance: random.Random) -> None:
    kind, canary, written, sentence = form
    secret = canary(chance)
    shown = written(secret)
    scrubbed = scrub(sentence.format(shown))
    assert kind in scrubbed.counts or (kind, "key") == ("url", next(iter(scrubbed.counts))), scrubbed.text
    assert shown not in scrubbed.text
    assert secret not in scrubbed.text
    assert not set(scrubbed.counts) - set(KINDS)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(FORMS), st.integers(0, 2**32)), min_size=2, max_size=4))
def test_several_in_one_text_all_go(picks: list[tuple[Form, int]]) -> None:
    secrets = [form[1](random.Random(seed)) for form, seed in picks]  # noqa: S311 - the same for the same seed
    lines = [sentence.format(written(s)) for ((_, _, written, sentence), _), s in zip(picks, secrets, strict=True)]
    scrubbed = scrub("\n".join(lines))
    assert all(secret not in scrubbed.text for secret in secrets)
    assert sum(scrubbed.counts.values()) >= len({form[3] for form, _ in picks}) - 1


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_may_be_scrubbed(text: str) -> None:
    scrubbed = scrub(text)
    assert sum(scrubbed.counts.values()) == 0 or scrubbed.text != text


ORDINARY_EN = (
    "The meeting is on {date} at 14:30.",
    "It costs ${price} with shipping, not {count} euros.",
    "Does Python {version} run on Windows 11?",
    "We sold {count} units of order 12 in 2024.",
    "Is the iPhone {small} Pro better than the Galaxy S{small}?",
    "The RTX 4090 draws {count} W at 1.1 V.",
    "Mix {small} g of salt with 2.5 l of water at 36.6 degrees.",
    "Release v{version}.{small} fixed issue #{count}.",
    "Flight BA{count} leaves gate B{small} at 09:05.",
    "The ratio was 3:1 after {small} rounds of 5-4-3.",
    "What is chapter {small}, page {count} about?",
    "My order has not arrived since {date}, it is number {count}.",
    "How many people live in towns of {count},000 inhabitants?",
    "I am happy with version {version} and its {small} themes.",
    "The error code is {count}, see line {small} of main.py.",
    "Which room has {small} seats and a 4K projector?",
    "Section {small}.{small}.1 of the 2023 policy says {price} percent.",
    "The name of the report is wrong in {small} places.",
    "Is port 80{small} open on 127.0.0.1?",
    "I walked {small} miles down the road in {count} minutes.",
    "See https://docs.example.org/en/{version}/index.html#install please.",
    "The MacBook Air M2 with 8GB costs {price} pounds.",
)
ORDINARY_ZH = (
    "会议在{date}下午3点半开始。",
    "一共{price}元，比上次贵{small}块。",
    "Python {version}支持Windows 11吗？",
    "2024年我们卖出{count}件，退货{small}件。",
    "华为Mate {small}和小米{small}哪个好？",
    "显卡RTX 4090功耗{count}瓦。",
    "盐{small}克，水2.5升，水温36.6度。",
    "{version}版本修复了{count}号问题。",
    "第{small}章第{count}页讲什么？",
    "坐{small}号线到第{small}站，走{count}米。",
    "比分是3比{small}，上半场{small}比0。",
    "订单{count}还没到，{date}下的单。",
    "人口超过{count}万的城市有哪些？",
    "错误码{count}，在第{small}行。",
    "路由器{small}号口不亮，重启{small}次都没用。",
    "我是程序员，工作了{small}年。",
    "密码是多少位？至少{small}位吗？",
    "老师和同学对方案很满意，提了{small}条意见。",
    "高速公路限速{count}，超速{small}%怎么罚？",
    "这个名字是什么意思，第{small}个呢？",
)


def _ordinary() -> list[str]:
    chance = random.Random(3)  # noqa: S311 - the same texts every time
    values: list[Callable[[], str]] = [
        lambda: chance.choice(["2024-05-12", "12/05/2024", "May 12, 2024", "5月12日", "2024年5月12日"]),
        lambda: f"{chance.randint(1, 9999)}.{chance.randint(10, 99)}",
        lambda: f"{chance.randint(1, 20)}.{chance.randint(0, 20)}",
        lambda: str(chance.randint(100, 9999)),
        lambda: str(chance.randint(2, 30)),
    ]
    names = ("date", "price", "version", "count", "small")
    return [
        sentence.format(**{name: value() for name, value in zip(names, values, strict=True)})
        for sentence in (*ORDINARY_EN, *ORDINARY_ZH)
        for _ in range(12)
    ]


def test_ordinary_sentences_stay_as_they_are() -> None:
    sentences = _ordinary()
    assert len(sentences) >= 300
    assert {s: scrub(s).text for s in sentences if scrub(s).text != s} == {}


@pytest.mark.parametrize(
    "text",
    [
        "I am German and vegetarian.",
        "Thanks, that was it!",
        "My name is not on the list.",
        "what does @property do in Python?",
        "meet at github.com or look at example.com",
        "https://example.com/blog/10-best-places-in-rome-2024",
        "How do I reset my password?",
        "The passport is valid for 6 months",
        "Order 2024051200012345678 is late",
        "谢谢老师，感谢大家",
        "對方老師說的對嗎",
        "由于老师请假，课程取消",
        "我叫了外卖",
        "怎么修改收货地址和手机号？",
        "北京市朝阳区天气怎么样",
        "验证码收不到怎么办",
        "我是高中生",
        "微信支付和QQ音乐怎么开发票",
        "拨打10086查话费",
    ],
)
def test_what_only_looks_personal_stays(text: str) -> None:
    assert scrub(text).text == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("王小明先生的电话是13800138000", "<name>先生的电话是<phone>"),
        ("Hi, I'm Bob. My zip code is 94103.", "Hi, I'm <name>. My zip code is <address>."),
        ("Write to a (at) b.com", "Write to <email>"),
        ("收件人：欧阳娜娜，地址：上海市浦东新区世纪大道100号", "收件人：<name>，地址：<address>"),
        ("I was born in 1990\u200b; 138\u00ad0013\u00ad8000", "I was born in 1990; <phone>"),
        ("See you\nRegards,\nMary Poppins", "See you\nRegards,\n<name>"),
    ],
)
def test_a_placeholder_stands_for_what_was_there(text: str, expected: str) -> None:
    assert scrub(text).text == expected


def test_counts_say_what_was_taken_out() -> None:
    assert scrub("a@b.com, c@d.org, 13800138000").counts == {"email": 2, "phone": 1}
    assert scrub("nothing 没有").counts == {}
