"""Figures, people, places and dates by rules."""

import pytest

from nlp.summary import facts
from nlp.summary.entities import Entities, entities
from nlp.summary.facts import find_facts
from nlp.types import Facts

ENGLISH = [
    "The county paid 4.2 million pounds for the pier at Harwick on 3 July 2024, and 600 people live near Loch Street.",
    "Moira Tait, who keeps the shop, said that prices rose by 3.5 % or $1,200 a year, according to Dr Hale.",
    "Managing director Helen Amsel promised a repair soon; in 1931 the firm came from Germany to the Ostby Valley.",
    "Tait will go to the island.",
]
CHINESE = [
    "大桥全长1860米，总投资9.8亿元，2024年9月12日通车，一万两千多名职工受益。",
    "县交通局局长周立民介绍，北京和临河县的居民节省百分之三十的时间。",
    "刘敏说，方老师来自四川，成本是1200万元，比去年高3.5%。",
]


def test_english_facts() -> None:
    found = find_facts(ENGLISH)
    assert set(found.figures) == {"4.2 million pounds", "3.5 %", "$1,200", "600 people"}
    assert set(found.people) == {"Moira Tait", "Helen Amsel", "Hale"}
    assert found.people[0] == "Moira Tait"  # whom a surname alone names again
    assert set(found.places) == {"Harwick", "Loch Street", "Germany", "Ostby Valley"}
    assert set(found.dates) == {"3 July 2024", "1931"}


def test_chinese_facts() -> None:
    found = find_facts(CHINESE)
    assert set(found.figures) == {"9.8亿元", "百分之三十", "1200万元", "3.5%", "1860米"}
    assert set(found.people) == {"周立民", "刘敏", "方老师"}
    assert set(found.places) == {"北京", "临河县", "四川"}
    assert found.dates == ("2024年9月12日",)


@pytest.mark.parametrize(
    "text",
    [
        "He may march in May with The Council, and I said so to Mr.",
        "In March it rained; on average it rains twice, as the Department of Health says.",
        "他说大家都在社区里，曾经有人提出意见，这个地区也一样。",
        "一个人在家，两天没有出门。",
    ],
)
def test_what_only_looks_like_a_name_is_none(text: str) -> None:
    found = find_facts([text])
    assert (found.figures, found.people, found.places) == ((), (), ())


def test_at_most_five_and_what_the_summary_mentions_comes_first() -> None:
    sentences = [f"There were {n} boats." for n in range(10, 18)]
    assert find_facts(sentences).figures == ("10 boats", "11 boats", "12 boats", "13 boats", "14 boats")
    assert find_facts(sentences, {6}).figures[0] == "16 boats"
    assert find_facts([]) == Facts()


def test_a_model_adds_what_rules_do_not_see(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Entities()
    found.people["Ana"] += 1
    found.places["Sarn"] += 2
    monkeypatch.setattr(facts, "entities", lambda _text: found)
    assert find_facts(["Ana lived in it once."]) == Facts(people=("Ana",), places=("Sarn",))


def test_an_installed_model_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    import spacy

    pipeline = spacy.blank("en")
    named = (("PERSON", "Ana"), ("GPE", "Sarn"), ("ORG", "Acme"))
    patterns = [{"label": label, "pattern": pattern} for label, pattern in named]
    pipeline.add_pipe("entity_ruler").add_patterns(patterns)  # type: ignore[attr-defined]
    monkeypatch.setattr("nlp.summary.entities._pipeline", lambda _name: pipeline)
    found = entities("Ana of Acme left Sarn, and Ana wept.")
    assert (dict(found.people), dict(found.places)) == ({"Ana": 2}, {"Sarn": 1})
