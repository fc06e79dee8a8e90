"""What passages support, and what they do not: the same rules in English and Chinese."""

import pytest

from nlp.encoder import Encoder, load_encoder
from nlp.generators.base import Task
from nlp.generators.claims import Claim, claims
from nlp.generators.support import SupportChecker, names
from nlp.reader import Reader
from nlp.retriever import build
from nlp.types import Passage
from tests.support.answers import task_over
from tests.support.models import BagEncoder

PASSAGES = [
    Passage(1, "Refunds are paid within thirty days of the purchase. Keep your receipt.", "Handbook", "Refunds"),
    Passage(2, "The office in Berlin opens at nine and closes at six. It is not open on Sundays.", "Handbook", "Hours"),
    Passage(3, "退款会在购买后三十天内支付。请保留收据。", "员工手册", "退款", language="zh"),
    Passage(4, "柏林办公室九点开门，六点关门。星期天不开门。", "员工手册", "办公时间", language="zh"),
    Passage(5, "The canteen serves soup on Mondays and fish on Fridays.", "Canteen"),
    Passage(6, "员工可以通过 VPN 连接内部网络，密码每九十天更换一次。", "员工手册", "网络", language="zh"),
]
NUMBERS = {passage.key: number for number, passage in enumerate(PASSAGES, 1)}

FAITHFUL = [
    ("Refunds are paid within thirty days of the purchase.", (1,)),
    ("Refunds are paid within 30 days.", (1,)),
    ("The office opens at 9 and closes at 6.", (2,)),
    ("The Berlin office is not open on Sundays.", (2,)),
    ("The canteen serves fish on Fridays.", (5,)),
    ("Refunds are paid within thirty days, and the office opens at nine.", (1, 2)),
    ("退款在购买后30天内支付。", (3,)),
    ("退款三十天内支付，请保留收据。", (3,)),
    ("办公室9点开门。", (4,)),
    ("柏林办公室星期天不开门。", (4,)),
    ("密码每90天更换一次。", (6,)),
    ("辦公室六點關門。", (4,)),
]
FALSE = [
    ("Refunds are paid within sixty days of the purchase.", (1,)),
    ("Refunds are not paid within thirty days of the purchase.", (1,)),
    ("Refunds are paid within thirty days of the purchase.", (2,)),
    ("Refunds are paid within thirty days of the purchase.", ()),
    ("Refunds are paid within thirty days of the purchase.", (7,)),
    ("Refunds are paid within thirty days of the purchase.", (1, 9)),
    ("Refunds are paid within thirty days of the purchase.", (0,)),
    ("The office in Munich opens at nine.", (2,)),
    ("The office in Berlin is open on Sundays.", (2,)),
    ("The chef is famous for his desserts.", (5,)),
    ("退款在购买后六十天内支付。", (3,)),
    ("退款在购买后三十天内不支付。", (3,)),
    ("退款在购买后三十天内支付。", (4,)),
    ("柏林办公室星期天开门。", (4,)),
    ("员工可以通过 SSH 连接内部网络。", (6,)),
    ("食堂的厨师非常有名。", (4,)),
    ("", (1,)),
]


def checker_over(encoder: Encoder) -> tuple[SupportChecker, Task]:
    index = build(encoder, [(p.key, p.searchable) for p in PASSAGES])
    return SupportChecker(encoder, Reader(encoder, index.lexical)), task_over("Which?", "en", PASSAGES)


def check(encoder: Encoder, text: str, cited: tuple[int, ...]) -> tuple[int, ...] | None:
    checker, task = checker_over(encoder)
    kept = checker.check(Claim(text, cited), task)
    if kept is None:
        return None
    statement, evidence = kept
    assert statement.text == text
    assert [item.passage.key for item in evidence] == list(statement.cited)
    return statement.cited


@pytest.mark.parametrize(("text", "cited"), FAITHFUL)
def test_a_faithful_wording_is_kept_with_its_evidence(text: str, cited: tuple[int, ...]) -> None:
    assert check(BagEncoder(), text, cited) == cited


@pytest.mark.parametrize(("text", "cited"), FALSE)
def test_what_the_source_does_not_say_is_dropped(text: str, cited: tuple[int, ...]) -> None:
    assert check(BagEncoder(), text, cited) is None


def test_a_source_that_adds_nothing_is_not_shown() -> None:
    assert check(BagEncoder(), "Refunds are paid within thirty days of the purchase.", (1, 5)) == (1,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The office in Berlin opens.", {"berlin"}),
        ("Ada asks Bo about the VPN and form A4.", {"bo", "vpn", "a4"}),
        ("Keep your receipt. Then I may come.", set()),
        ("员工用 VPN 连接 GitLab。", {"vpn", "gitlab"}),
        ("没有名字。", set()),
    ],
)
def test_names_are_words_that_no_one_may_invent(text: str, expected: set[str]) -> None:
    assert names(text) == expected


REWORDED = [
    ("You will get your money back within thirty days of buying.", 1),
    ("Everybody gets fish to eat on Fridays.", 5),
    ("Soup is what one eats at lunch on Mondays in the canteen.", 5),
    ("The workplace in Berlin opens its doors at nine.", 2),
]
UNRELATED = [
    ("You can book a meeting room at the front desk.", 1),
    ("Everybody gets a new laptop on Fridays.", 5),
    ("The doors of the theatre open at nine.", 5),
    ("Parking is free for visitors.", 2),
]


@pytest.mark.slow
def test_with_the_bundled_encoder_rewordings_are_told_from_other_claims() -> None:
    checker, task = checker_over(load_encoder(device="cpu"))
    kept = [text for text, number in REWORDED + UNRELATED if checker.check(Claim(text, (number,)), task)]
    assert kept == [text for text, _ in REWORDED]
    for text, cited in FAITHFUL + FALSE:
        assert bool(checker.check(Claim(text, cited), task)) is ((text, cited) in FAITHFUL)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_passage_quoted_word_for_word_is_always_supported(language: str) -> None:
    checker, task = checker_over(BagEncoder())
    for passage in (p for p in PASSAGES if p.language == language):
        for claim in claims(passage.text):
            assert checker.check(Claim(claim.text, (NUMBERS[passage.key],)), task) is not None
