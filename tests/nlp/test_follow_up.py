"""Follow-ups are made self-contained, and questions that are so already are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.follow_up import Exchange, asked_language, rewrite, topic

REFUND, OFFICE, VPN = "How do I get a refund?", "When does the office open?", "How do I connect to the VPN from home?"
TICKET, CASH, POLICY = "How much is a ticket for adults?", "Are refunds paid in cash?", "What is the refund policy?"
MIXED = [
    ("你能做什么？", "What does it cost?"),
    ("Are helmets for kids included?", "如果我的车被偷了呢？"),
    ("怎么退款？", "and for students?"),
    ("How do I get a refund?", "那学生呢？"),
]
ENGLISH = [
    (REFUND, "How long does it take?", "How long does it take to get a refund?"),
    ("How do I retrain the bot?", "And how long does it take?", "And how long does it take to retrain the bot?"),
    (OFFICE, "How long does it take?", "How long does the office take?"),
    (REFUND, "and how long does it usually take?", "and how long does it usually take to get a refund?"),
    (REFUND, "and for students?", "How do I get a refund for students?"),
    (REFUND, "What about students?", "How do I get a refund for students?"),
    (REFUND, "what about in winter?", "How do I get a refund in winter?"),
    (REFUND, "why?", "why – get a refund?"),
    (REFUND, "how long?", "how long – a refund?"),
    (REFUND, "When?", "When – a refund?"),
    (REFUND, "Is there a fee?", "Is there a fee for a refund?"),
    (REFUND, "What documents are needed?", "What documents are needed for a refund?"),
    (REFUND, "Do I need an appointment?", "Do I need an appointment for a refund?"),
    (REFUND, "What about the deadline?", "the deadline for a refund"),
    (REFUND, "Can I cancel that?", "Can I cancel a refund?"),
    (REFUND, "Who approves them?", "Who approves a refund?"),
    (REFUND, "When will it arrive?", "When will a refund arrive?"),
    (REFUND, "How about exchanges?", "How do I get exchanges?"),
    (REFUND, "tell me more", "tell me more – a refund?"),
    (REFUND, "and in Chinese?", REFUND),
    (REFUND, "say that again please", REFUND),
    (REFUND, "When will my manager approve it?", "When will my manager approve a refund?"),
    (OFFICE, "and on weekends?", "When does the office open on weekends?"),
    (OFFICE, "What about Sunday?", "When does the office open on Sunday?"),
    (OFFICE, "and the library?", "When does the library open?"),
    (OFFICE, "When does it close?", "When does the office close?"),
    (OFFICE, "Where is it?", "Where is the office?"),
    (OFFICE, "And in Berlin?", "When does the office open in Berlin?"),
    (TICKET, "and for students?", "How much is a ticket for students?"),
    (TICKET, "and for children under six?", "How much is a ticket for children under six?"),
    ("Is there a fee for a refund?", "and for students?", "Is there a fee for a refund for students?"),
    ("Is there a fee for a refund?", "why?", "why – a fee for a refund?"),
    ("Do you open on Saturdays?", "what about Sunday?", "Do you open on Sunday?"),
    (TICKET, "is there a cheaper one?", "is there a cheaper ticket?"),
    (CASH, "why not?", "why not – refunds paid in cash?"),
    (CASH, "and by card?", "Are refunds paid by card?"),
    (POLICY, "Who wrote it?", "Who wrote the refund policy?"),
    (POLICY, "How does this policy apply to interns?", "How does the refund policy apply to interns?"),
    (VPN, "and from the hotel?", "How do I connect to the VPN from the hotel?"),
    (VPN, "Does it work in China?", "Does the VPN work in China?"),
    ("Where can I find the vpn settings?", "Who can change them?", "Who can change the vpn settings?"),
    ("Do I get paid leave?", "and interns?", "Do I get paid leave for interns?"),
    ("What does the annual plan cost?", "Is it refundable?", "Is the annual plan refundable?"),
    ("How do I cancel my booking?", "What are its conditions?", "What are my booking's conditions?"),
    ("Who is Marie Curie?", "What did she discover?", "What did Marie Curie discover?"),
    ('Where can I read "Moby Dick"?', "Who wrote it?", 'Who wrote "Moby Dick"?'),
]
CHINESE = [
    ("怎么退款？", "它多少钱？", "退款多少钱？"),
    ("怎么退款？", "要多久？", "退款要多久？"),
    ("怎么退款？", "需要什么材料？", "退款需要什么材料？"),
    ("怎么退款？", "多久到账？", "退款多久到账？"),
    ("怎么退款？", "为什么？", "为什么退款？"),
    ("怎么退款？", "那学生呢？", "学生怎么退款？"),
    ("怎么退款？", "有手续费吗？", "退款有手续费吗？"),
    ("怎么退款？", "这个流程要多久？", "退款要多久？"),
    ("怎么退款？", "那价格呢？", "退款的价格"),
    ("怎么退款？", "可以取消吗？", "退款可以取消吗？"),
    ("怎么退款？", "截止日期是什么时候？", "退款的截止日期是什么时候？"),
    ("怎么退款？", "它需要什么材料？", "退款需要什么材料？"),
    ("怎么退款？", "用英文再说一遍", "怎么退款？"),
    ("怎么退款？", "英文呢？", "怎么退款？"),
    ("怎么退款？", "再说一遍", "怎么退款？"),
    ("办公室几点开门？", "那周末呢？", "周末办公室几点开门？"),
    ("办公室几点开门？", "周日呢？", "周日办公室几点开门？"),
    ("办公室周六几点开门？", "那周日呢？", "办公室周日几点开门？"),
    ("办公室几点开门？", "图书馆呢？", "图书馆几点开门？"),
    ("办公室几点开门？", "几点关门？", "办公室几点关门？"),
    ("办公室几点开门？", "在哪里？", "办公室在哪里？"),
    ("办公室几点开门？", "那它几点关门？", "那办公室几点关门？"),
    ("停车证怎么办理？", "多少钱？", "停车证多少钱？"),
    ("停车证怎么办理？", "它有效期多长？", "停车证有效期多长？"),
    ("停车证怎么办理？", "要带什么？", "停车证要带什么？"),
    ("停车证怎么办理？", "那访客呢？", "访客停车证怎么办理？"),
    ("停车证怎么办理？", "可以网上办吗？", "停车证可以网上办吗？"),
    ("年假有几天？", "那实习生呢？", "实习生年假有几天？"),
    ("年假有几天？", "可以累积吗？", "年假可以累积吗？"),
    ("年假有几天？", "怎么申请？", "年假怎么申请？"),
    ("年假有几天？", "那病假呢？", "病假有几天？"),
    ("《红楼梦》讲了什么？", "作者是谁？", "《红楼梦》的作者是谁？"),
    ("《红楼梦》讲了什么？", "这本书有多少字？", "《红楼梦》有多少字？"),
    ("会员卡怎么补办？", "费用是多少？", "会员卡的费用是多少？"),
    ("会员卡怎么补办？", "要等几天？", "会员卡要等几天？"),
    ("差旅费怎么报销？", "那外包呢？", "外包差旅费怎么报销？"),
    ("差旅费怎么报销？", "期限呢？", "差旅费的期限"),
    ("考试什么时候开始？", "明天呢？", "明天考试什么时候开始？"),
    ("What is the refund policy?", "它多久生效？", "the refund policy多久生效？"),
    ("李白是谁？", "他写过什么？", "李白写过什么？"),
]
SELF_CONTAINED = [
    *(
        "How do I reset my password?",
        "How long does it take to get a parking permit?",
        "If I lose my card, how do I replace it?",
        "Where is the library?",
        "What did Lavoisier write in his letters?",
        "Which cars were cheaper as they were smaller?",
        "How many people saw the Britain Can Make It exhibition?",
        "Is it possible to pay by card?",
        "Who are you?",
        "What can you do?",
        "hello",
        "thanks!",
        "What is the second largest city?",
        "this month's report",
        "When is it raining?",
        "?",
        "",
    ),
    *(
        "怎么重置密码？",
        "停车证怎么办理？",
        "办公室几点开门？",
        "有WiFi吗？",
        "你是谁？",
        "你能做什么？",
        "谢谢",
        "你好",
        "第二次世界大战是哪年？",
        "其他证件怎么换？",
        "吉他课什么时候上？",
        "密码忘了，它怎么重置？",
        "这个月的报表在哪里？",
    ),
]


@pytest.mark.parametrize(("before", "asked", "meant"), ENGLISH + CHINESE)
def test_a_follow_up_says_what_it_is_about(before: str, asked: str, meant: str) -> None:
    assert rewrite(asked, [Exchange(before)]) == meant


@pytest.mark.parametrize("asked", SELF_CONTAINED)
@pytest.mark.parametrize("before", [REFUND, "年假有几天？"])
def test_a_change_of_topic_is_left_alone(before: str, asked: str) -> None:
    assert rewrite(asked, [Exchange(before)]) == asked


@pytest.mark.parametrize(("_before", "asked", "_meant"), ENGLISH + CHINESE)
def test_without_a_question_before_everything_is_left_alone(_before: str, asked: str, _meant: str) -> None:
    assert rewrite(asked, []) == asked


PLAIN = Exchange(REFUND, "Refunds are paid within thirty days. Keep your receipt.", ("Handbook", "FAQ"))
LIST = Exchange("怎么退款？", "步骤：\n1. 填写申请表\n2. 上传收据\n3. 等待审批", ("手册",))
NEAREST = Exchange("Who painted it?", "My documents do not say.\n\nThe closest:\n• Handbook\n• Rules of the house")
ONE = Exchange(REFUND, "Refunds are paid late.", ("Handbook", "FAQ"))


@pytest.mark.parametrize(
    ("last", "asked", "meant"),
    [
        (PLAIN, "what about the second one?", "what about Keep your receipt?"),
        (PLAIN, "tell me more about the first one", "tell me more about Refunds are paid within thirty days"),
        (PLAIN, "the second source", "FAQ"),
        (PLAIN, "the last one please", "Keep your receipt please"),
        (PLAIN, "the third one?", "the third one?"),
        (ONE, "and the second one?", "and FAQ?"),
        (NEAREST, "the 2nd one", "Rules of the house"),
        (LIST, "再说说第二个", "再说说上传收据"),
        (LIST, "第三个呢？", "等待审批呢？"),
        (LIST, "第二步怎么做？", "上传收据怎么做？"),
        (LIST, "最后一个是什么？", "等待审批是什么？"),
    ],
)
def test_an_ordinal_names_an_item_of_the_last_answer(last: Exchange, asked: str, meant: str) -> None:
    assert rewrite(asked, [last]) == meant


def test_only_the_last_question_counts() -> None:
    assert (
        rewrite("How long does it take?", [Exchange(OFFICE), Exchange(REFUND)])
        == "How long does it take to get a refund?"
    )


@pytest.mark.parametrize(("asked", "meant"), [("students", f"{REFUND[:-1]} for students?"), ("the policy", None)])
def test_a_fragment_counts_as_a_case_only_where_somebody_knows_that_it_continues(asked: str, meant: str | None) -> None:
    assert rewrite(asked, [Exchange(REFUND)]) == asked
    assert rewrite(asked, [Exchange(REFUND)], continues=True) == (meant or "How do I get the policy?")


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("and in Chinese?", "zh"),
        ("in English please", "en"),
        ("can you answer in Chinese?", "zh"),
        ("用英文再说一遍", "en"),
        ("那用中文呢？", "zh"),
        ("能用英语回答吗？", "en"),
        ("英文", None),
        ("How do I say hello in Chinese?", None),
        ("用英文怎么说退款？", None),
        ("", None),
    ],
)
def test_a_wish_for_another_language_is_told_apart(asked: str, language: str | None) -> None:
    assert asked_language(asked) == language


@pytest.mark.parametrize(
    ("question", "about"),
    [
        (REFUND, "a refund"),
        (CASH, "refunds"),
        ("How much does the parking permit cost?", "the parking permit"),
        ("Which file types can I add?", "file types"),
        ("What time does the price of the annual plan change?", "the price of the annual plan"),
        ("停车证怎么办理？", "停车证"),
        ("《红楼梦》的作者是谁？", "《红楼梦》"),
        ("请问年假的期限是多久？", "年假"),
        ("why?", ""),
    ],
)
def test_what_a_question_is_about(question: str, about: str) -> None:
    assert topic(question) == about


PIECES = [*"它第二个呢吗的怎么多久退款为什么，？ ", "it ", "the second one ", "and ", "for ", "one ", "a refund "]
WORDS = st.lists(st.sampled_from(PIECES)).map("".join)


@given(st.text() | WORDS, st.text() | WORDS, st.text(), st.booleans())
def test_any_texts_give_a_question(asked: str, before: str, answer: str, continues: bool) -> None:
    meant = rewrite(asked, [Exchange(before, answer, ("a", "b"))], continues=continues)
    assert isinstance(meant, str)
    assert meant.strip() or not asked.strip() or not before.strip()


@pytest.mark.parametrize(("asked", "text"), MIXED)
def test_two_languages_are_never_made_one_question(asked: str, text: str) -> None:
    assert rewrite(text, [Exchange(asked)]) == text
    assert rewrite(text, [Exchange(asked)], continues=True) == text


def test_an_answer_may_be_wished_for_in_another_language() -> None:
    assert rewrite("and in Chinese?", [Exchange("How do I get a refund?")]) == "How do I get a refund?"
    assert rewrite("用英文说", [Exchange("怎么退款？")]) == "怎么退款？"
