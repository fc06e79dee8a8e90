"""Extractive summaries."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nlp.blocks import Block, assemble
from nlp.evaluation.rouge import common_length, units
from nlp.summarizer import Summarizer
from nlp.summary.worth import Genre, kind_of
from nlp.text import clean, length
from nlp.types import Document, Summary
from tests.support.models import BagEncoder

ENGLISH = [
    "The harbour of the town was rebuilt after the storm of last winter.",
    "Workers replaced the old wooden piers of the harbour with concrete.",
    "A bakery nearby sells bread with raisins.",
    "The rebuilt harbour can take ships of twice the former size.",
    "Fishermen of the town say that the harbour is safer in a storm now.",
    "The weather was mild on Tuesday for most of the day.",
]
CHINESE = [
    "去年冬天的风暴以后，城里的港口重新修建了。",
    "工人们用混凝土换掉了港口旧的木码头。",
    "附近的面包店卖葡萄干面包。",
    "重修后的港口可以停靠两倍大的船只。",
    "渔民说港口现在遇到风暴更安全了。",
]


def document(sentences: list[str], joiner: str = " ", title: str = "") -> Document:
    return assemble([Block(joiner.join(sentences))], title, "text/plain", title=title)


@pytest.mark.parametrize(("sentences", "joiner"), [(ENGLISH, " "), (CHINESE, "")])
def test_a_summary_is_the_telling_sentences_in_their_order(sentences: list[str], joiner: str) -> None:
    summary = Summarizer().summarize(document(sentences, joiner, "Harbour 港口"), 3)
    assert len(summary.sentences) == 3
    places = [sentences.index(sentence) for sentence in summary.sentences]
    assert places == sorted(places)
    assert sentences[2] not in summary.sentences


def test_the_same_thing_is_not_said_twice() -> None:
    summary = Summarizer().summarize(document([ENGLISH[0], ENGLISH[0], *ENGLISH[1:]]), 3)
    assert len(set(summary.sentences)) == 3


def test_a_short_text_is_its_own_summary() -> None:
    assert Summarizer().summarize(document(ENGLISH[:1]), 3).sentences == tuple(ENGLISH[:1])
    assert Summarizer().summarize(document(["Hi."]), 3).sentences == ("Hi.",)
    assert Summarizer().summarize(document([""]), 3).sentences == ()


def test_headings_are_not_sentences() -> None:
    found = assemble([Block("Harbour news of this long winter", 1), Block(" ".join(ENGLISH))], "t", "text/markdown")
    assert all("Harbour news" not in sentence for sentence in Summarizer().summarize(found, 6).sentences)


LEANING = [
    "The harbour of the town was rebuilt by forty workers after the storm of last winter.",
    "It can now take ships of twice the former size, as the harbour master of the town says.",
    "A bakery nearby sells bread with raisins.",
    "They rebuilt the harbour of the town after the storm of last winter with concrete.",
]
LEANING_ZH = [
    "去年冬天的风暴以后，城里的港口由四十名工人重新修建。",
    "它现在可以停靠比从前大两倍的船只，港口的管理员说。",
    "附近的面包店卖葡萄干面包。",
    "他们用混凝土重新修建了风暴以后城里的港口。",
]


@pytest.mark.parametrize(("sentences", "joiner"), [(LEANING, " "), (LEANING_ZH, "")])
def test_a_pronoun_comes_only_with_the_sentence_before_it(sentences: list[str], joiner: str) -> None:
    found = document(sentences, joiner, "Harbour of the town 港口")
    for count in (1, 2, 3):
        places = [sentences.index(sentence) for sentence in Summarizer().summarize(found, count).sentences]
        assert 3 not in places
        assert 1 not in places or 0 in places
    assert len(Summarizer().summarize(found, 4).sentences) == 4  # where everything is wanted, nothing is left out


def test_the_encoder_is_read_as_far_as_it_knows_the_words() -> None:
    encoder = BagEncoder()
    english, chinese = document(ENGLISH), document(CHINESE, "")
    assert Summarizer(encoder).summarize(chinese, 3) == Summarizer().summarize(chinese, 3)
    assert len(Summarizer(encoder).summarize(english, 3).sentences) == 3
    assert encoder.calls[-1][:6] == ENGLISH
    Summarizer(encoder).summarize(document([f"The harbour number {n} of the town was rebuilt." for n in range(200)]), 3)
    assert len(encoder.calls[-1]) < 32  # a long text costs no more than a page


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("LONDON (Reuters) - The bank raised rates.", "news"),
        ("The library will lend tools, the council said on Thursday.", "news"),
        ("本报讯 大桥通车。", "news-zh"),
        ("In this paper a parser is described. It was tested on Monday.", "paper"),
        ("Parsers are slow. We propose a faster one.", "paper"),
        ("本文提出一种新的方法。", "paper"),
        ("A tide mill is driven by the sea. She said so one Monday.", "text"),
        ("算盘是一种计算工具。", "text"),
    ],
)
def test_news_and_papers_are_known_by_how_they_speak(text: str, kind: str) -> None:
    assert kind_of(document([text]), "article") == kind
    assert kind_of(document([text]), "thread") == "thread"


def test_news_is_summarised_by_its_beginning_and_papers_by_what_they_propose() -> None:
    news = ["The town of Harwick opened its new harbour on Monday.", *ENGLISH[1:]]
    assert Summarizer().summarize(document(news), 2).sentences == tuple(news[:2])
    abstract = [
        "Reading long texts takes a lot of time.",
        "Many ways were tried before.",
        "We propose to read a part of them.",
    ]
    assert Summarizer().summarize(document(abstract), 1).sentences == (abstract[2],)


ROUTE = [
    "The harbour tour of the town takes four hours, passes ten stops and costs 12 euros for adults.",
    "In bad weather the boats stay in the harbour, and tickets of that day are good for the whole season.",
]
STOPS = "Old Mill,Castle,Fish Market,Lighthouse,Museum of the Sea,Town Hall,Fort,Abbey,Zoo,Pier".split(",")
STOP_LINES = [f"Stop {n}: {stop}, open from {8 + n % 3} am to {4 + n % 4} pm." for n, stop in enumerate(STOPS, 1)]
ROUTE_ZH = [
    "环城游船全程四个小时，经过十个站点，成人票价一百二十元，儿童半价。",
    "遇到大风大雨船只停航，当天的船票在整个旅游季节里都可以使用。",
]
STOPS_ZH = "湖心亭 黄鹤楼 古琴台 晴川阁 江汉关博物馆 人民公园北门 红楼 归元寺 东湖绿道 昙华林".split()
STOP_LINES_ZH = [f"第{n}站：{stop}，开放时间{8 + n % 3}:00至{17 + n % 4}:30。" for n, stop in enumerate(STOPS_ZH, 1)]


@pytest.mark.parametrize(("prose", "lines"), [(ROUTE, STOP_LINES), (ROUTE_ZH, STOP_LINES_ZH)])
@pytest.mark.parametrize("genre", ["article", "thread"])
def test_of_lines_cast_in_one_mould_two_are_shown_at_most(prose: list[str], lines: list[str], genre: Genre) -> None:
    for text in ([*prose, *lines], [*lines, *prose]):
        for count in (4, 10):
            shown = Summarizer().summarize(document(text, "\n"), count, genre=genre).sentences
            assert set(prose) <= set(shown)
            assert len(set(lines) & set(shown)) == 2
    nothing_else = Summarizer().summarize(document(lines, "\n"), 5, genre=genre)
    assert len(nothing_else.sentences) == 5  # as many as were asked for


def test_chinese_news_is_summarised_by_more_than_its_beginning() -> None:
    news = ["本报讯 今天风不大。", "记者来到港口。", *CHINESE]
    shown = Summarizer().summarize(document(news, "", "港口重新修建"), 2).sentences
    assert CHINESE[0] in shown
    assert news[1] not in shown


def test_a_summary_tells_what_stands_out_and_what_it_saves() -> None:
    long = document([*ENGLISH[:5], "On 3 May 2024 mayor Ines Holt paid 4.2 million euros."] * 1)
    summary = Summarizer().summarize(long, 1)
    assert summary.headline in long.text
    assert summary.facts.figures == ("4.2 million euros",)
    assert (summary.facts.people, summary.facts.dates) == (("Ines Holt",), ("3 May 2024",))
    assert summary.source_units == length(long.text)
    spared = summary.source_units - length(summary.headline) - length(summary.sentences[0])
    assert summary.minutes_saved == pytest.approx(spared / 240)
    assert Summarizer().summarize(document(ENGLISH[:2]), 1).headline == ""


def test_reading_time_is_that_of_the_language_and_never_negative() -> None:
    assert Summary("zh", "", ("一二三四五",), 1005, source_units=1005).minutes_saved == 2
    assert Summary("en", "", ("One two three.",), 4, source_units=1).minutes_saved == 0


MIXED = st.lists(
    st.sampled_from(
        [
            *ENGLISH,
            *LEANING,
            *CHINESE,
            *LEANING_ZH,
            "\n\n",
            "However, it was (then) closed.",
            "但是，他走了。",
            "…",
            "a",
        ]
    )
)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400) | MIXED.map(" ".join), st.integers(min_value=1, max_value=20), st.booleans())
@example(text="0\x1e0", count=1, thread=False)  # a sign that ends a line, and that readers of documents take out
def test_any_text_has_a_summary_made_of_it(text: str, count: int, thread: bool) -> None:
    found = document([clean(text)])
    summary = Summarizer().summarize(found, count, genre="thread" if thread else "article")
    assert len(summary.sentences) <= count
    theirs = units(found.text)
    for sentence in (*summary.sentences, summary.headline):
        assert common_length(units(sentence), theirs) == len(units(sentence))
    together = units(" ".join(summary.sentences))
    assert common_length(together, theirs) == len(together)  # in the order of the text
    assert summary.minutes_saved >= 0


@pytest.mark.parametrize(
    "text", ["The mill of the town was closed in May. " * 25_000, "港口重新修建了，" * 125_000, "word " * 200_000]
)
def test_a_huge_text_is_summarised_in_bounded_points(text: str) -> None:
    summary = Summarizer().summarize(Document("", text[:1_000_000], "en", "text/plain"), 5)
    assert 1 <= len(summary.sentences) <= 5
    assert all(length(sentence) <= 80 for sentence in summary.sentences)
