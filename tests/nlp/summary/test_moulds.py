"""Sentences cast in one mould."""

from itertools import combinations

import pytest

from nlp.summary.moulds import mould, same_mould

STOPS_ZH = ["湖心亭", "人民公园北门广场", "古琴台", "江汉关博物馆", "黄鹤楼", "晴川阁", "红楼", "昙华林历史街区"]
STOPS = ["Old Mill", "Harbour Museum of the Sea", "Castle", "Saint Mary's Church", "Fish Market", "Lighthouse"]


@pytest.mark.parametrize(
    "lines",
    [
        [
            f"第{number}站：{name}，开放时间{8 + number % 3}:00至{17 + number % 4}:30。"
            for number, name in enumerate(STOPS_ZH, 1)
        ],
        [f"{number}月{number + 9}日，{name}接待游客{number * 1234}人次。" for number, name in enumerate(STOPS_ZH, 1)],
        [f"第{'一二三四五六七八'[number]}站是{name}，门票{number}0元。" for number, name in enumerate(STOPS_ZH)],
        [
            f"Stop {number}: {name}, open from {8 + number % 3} am to {4 + number} pm."
            for number, name in enumerate(STOPS, 1)
        ],
        [f"On {number} May the {name} had {number * 1_234:,} visitors." for number, name in enumerate(STOPS, 1)],
    ],
)
def test_lines_that_differ_in_a_name_and_figures_are_of_one_mould(lines: list[str]) -> None:
    assert all(same_mould(mould(one), mould(other)) for one, other in combinations(lines, 2))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("第一，请房东出示房产证和身份证，名字要对得上。", "第二，把每个房间、每件家电拍成视频，双方签字。"),
        ("全线总投资一百七十六亿元，比预算多出四亿元。", "首末班车时间为六点和二十三点，高峰时四分钟一班。"),
        ("Step 1: switch off the water at the main tap.", "Step 2: let the pipe run dry before you open the joint."),
        ("The bridge cost 9.8 million euros.", "The ferry runs until the end of the year."),
        ("", ""),
        ("…", "。"),
    ],
)
def test_steps_and_sentences_on_one_subject_are_not(one: str, other: str) -> None:
    assert not same_mould(mould(one), mould(other))
