"""A verdict in words: the decision first, every reason in both languages, and nothing of the markup left."""

from dataclasses import replace

import pytest

from bot import verdict_texts
from bot.richtext import Style, to_plain, utf16_length
from bot.verdict_replies import reason_text, verdict_rows, verdict_text
from nlp.learning.verdict import GAINS, ClassLine, Code, Latency, Line, NewLabels, Reason, Value, Verdict
from nlp.text import is_han
from nlp.types import LANGUAGES, Language
from tests.bot.test_texts import named, placeholders

VALUES: dict[str, Value] = {
    "set": "fixed",
    "part": "zh",
    "measure": "intent",
    "points": -1.234,
    "low": -2.0,
    "rows": 430,
    "margin": 0.5,
    "p": 0.001,
    "labels": "报销",
    "right": 7,
    "label": "thanks",
    "candidate": 0.25,
    "live": 1.0,
    "ratio": 1.3049,
    "limit": 1.2,
    "phrase": "**xq7** {tulip}",
    "share": 0.9,
    "needed": 100,
}
BETTER = Reason(Code.BETTER, {**VALUES, "points": 1.2, "p": 0.0004})
LINE = Line("fixed", "zh", "intent", 430, 0.953, 0.941, 7, 2, 0, 0.18, -0.01, 0.03)
VERDICT = Verdict(
    True,
    (BETTER,),
    "new",
    "old",
    None,
    (LINE, replace(LINE, set="客服", measure="topic")),
    (ClassLine("greeting", "zh", 20, 15, 18),),
    NewLabels(),
    Latency(8.04, 7.9, 1.02),
    (),
)
KEPT = replace(VERDICT, promote=False, reasons=(Reason(Code.WORSE, VALUES), Reason(Code.CANARY, VALUES), BETTER))


def test_the_decision_comes_first_in_plain_words() -> None:
    english, chinese = (to_plain(verdict_text(VERDICT, language)) for language in LANGUAGES)
    assert english.splitlines()[0] == (
        "The new version is better at telling what people want in Chinese (+1.2 points on 430 built-in test messages, "
        "not chance) and worse nowhere: it can serve."
    )
    assert chinese.splitlines()[0] == (
        "新版本在中文意图识别上更好（自带测试集的 430 条消息上 +1.2 个百分点，并非偶然），且没有变差的地方：可以上线。"
    )


def test_what_keeps_it_out_is_said_before_what_speaks_for_it() -> None:
    shown = to_plain(verdict_text(KEPT, "en")).splitlines()
    assert shown[0] == (
        "The new version is kept out: it is worse at telling what people want in Chinese "
        "(-1.2 points on 430 built-in test messages; 0.5 are allowed)."
    )
    assert shown[2].startswith("Also: the phrase “**xq7** {tulip}” turns 90% of all messages into thanks")
    assert shown[3].endswith("but that does not make up for it.")


def test_the_table_holds_the_figures() -> None:
    shown = to_plain(verdict_text(VERDICT, "en")).splitlines()
    assert "• built-in test, telling what people want in Chinese: 94.1% → 95.3% (+1.2, 430 messages)" in shown
    assert "• greeting in Chinese: 18 → 15 of 20 right" in shown
    assert shown[-1] == "• one message: 7.9 → 8.0 ms"
    assert not any("客服" in line for line in shown), "topics and scope are told for all languages together"
    assert any(piece.style is Style.CODE for piece in verdict_text(VERDICT, "zh"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", Code)
def test_every_reason_has_its_words(code: Code, language: Language) -> None:
    reason = Reason(code, VALUES)
    shown = reason_text(reason, language)
    assert "{" not in shown.replace("{tulip}", "")
    assert any(map(is_han, verdict_texts.REASONS[code].zh))
    assert placeholders(verdict_texts.REASONS[code].en) == placeholders(verdict_texts.REASONS[code].zh) <= set(VALUES)
    found = replace(VERDICT, promote=code in GAINS, reasons=(reason,))
    text = to_plain(verdict_text(found, language))
    assert shown in text.splitlines()[0]
    assert utf16_length(text) <= 4096


def test_the_surest_gain_is_told_first() -> None:
    sure, less = Reason(Code.BETTER, {**VALUES, "part": "en", "p": 1e-9}), Reason(Code.NEW_LABELS, VALUES)
    shown = to_plain(verdict_text(replace(VERDICT, reasons=(less, BETTER, sure)), "en")).splitlines()
    assert "in English" in shown[0]
    assert shown[2].startswith("It is also better at telling what people want in Chinese")
    assert shown[3] == "It is also able to tell 报销, which is new (right on 7 of 430 messages)."


def test_a_stored_verdict_is_rows_for_the_terminal() -> None:
    rows = verdict_rows(KEPT.to_dict())
    assert rows[0][0] == "verdict"
    assert rows[0][1].startswith("The new version is kept out")
    assert ("", "• one message: 7.9 → 8.0 ms") in rows
    assert "judge" in verdict_rows({"format": 1})[0][1]
    assert "format 2" in verdict_rows({"format": 2})[0][1]


def test_every_text_is_in_both_languages_with_the_same_placeholders() -> None:
    found = [text for name, value in vars(verdict_texts).items() for _, text in named(value, name)]
    assert len(found) > len(Code)
    for text in found:
        assert placeholders(text.en) == placeholders(text.zh)
        assert not any(map(is_han, text.en))
        assert any(map(is_han, text.zh))
