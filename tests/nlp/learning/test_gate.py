"""The gate: what it lets through, what it keeps out and why, on routers that say what a test wants."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import comb

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nlp.errors import DataError
from nlp.learning.decisions import Decider
from nlp.learning.gate import DEFAULT, Rules, judge
from nlp.learning.significance import Paired, lower_bound
from nlp.learning.verdict import Code, Latency, Verdict
from nlp.router import Router
from nlp.training.data import Example
from tests.support.routers import answering_router

LABELS = ("question", "greeting", "summarize", "thanks", "out_of_scope")
EN = [Example(f"message {n} about the {n}th thing", LABELS[n % 5], "other") for n in range(430)]
ZH = [Example(f"这是关于第 {n} 件事的消息", LABELS[n % 5], "other") for n in range(430)]
FIXED = [*EN, *ZH]
QUICK = Latency(1.0, 1.0, 1.0)


def router(
    rows: Iterable[Example] = FIXED,
    wrong: Iterable[Example] = (),
    version: str = "unsaved",
    said: str = "",
    more: str = "",
) -> Router:
    """Right on `rows`, but for the `wrong` ones, of which it says `said` or the label after the right one."""
    answers = {row.text: row.intent for row in rows}
    answers |= {row.text: said or LABELS[(LABELS.index(row.intent) + 1) % 5] for row in wrong}
    labels = [*LABELS, more] if more else LABELS
    outside = [row.text for row in rows if row.intent == "out_of_scope"]
    return answering_router(lambda text: (answers.get(text, "question"), "other"), labels, version, outside=outside)


def verdict(candidate: Router, live: Router, base: Router | None = None, **sets: Sequence[Example]) -> Verdict:
    return judge(candidate, live, base, {"fixed": FIXED, **sets}, latency=QUICK)


def codes(found: Verdict) -> list[Code]:
    return [reason.code for reason in found.reasons]


@pytest.mark.parametrize(("rows", "language"), [(EN, "en"), (ZH, "zh")])
def test_a_gain_that_is_no_chance_serves(rows: list[Example], language: str) -> None:
    found = verdict(router(wrong=rows[:4], version="new"), router(wrong=rows[2:20], version="old"))
    assert found.promote
    assert (found.candidate, found.live, found.base) == ("new", "old", None)
    better = {(r.values["set"], r.values["measure"], r.values["part"]) for r in found.reasons}
    assert {("fixed", "intent", language), ("fixed", "intent", "all")} <= better
    assert set(codes(found)) == {Code.BETTER}
    line = next(line for line in found.lines if line.language == language and line.measure == "intent")
    assert (line.rows, line.gained, line.lost, line.taken) == (430, 16, 2, 0)
    assert line.points == pytest.approx(100 * 14 / 430)
    assert line.low < 14 / 430 < line.high


def test_the_same_router_again_does_not() -> None:
    found = verdict(router(wrong=EN[:9]), router(wrong=EN[:9]))
    assert not found.promote
    assert codes(found) == [Code.NO_GAIN]


def test_a_gain_by_chance_does_not() -> None:
    assert codes(verdict(router(wrong=EN[:9]), router(wrong=EN[:12]))) == [Code.NO_GAIN]


def test_a_gain_in_one_language_does_not_pay_for_a_loss_in_the_other() -> None:
    found = verdict(router(wrong=ZH[:10]), router(wrong=EN[:40]))
    assert not found.promote
    worse = [reason.values for reason in found.reasons if reason.code is Code.WORSE]
    assert [(values["set"], values["part"], values["measure"]) for values in worse] == [("fixed", "zh", "intent")]
    assert worse[0]["points"] == pytest.approx(-100 * 10 / 430)


def test_what_strangers_label_does_not_pay_for_a_loss_that_cannot_be_ruled_out() -> None:
    recent = [Example(f"recent {n}", "greeting") for n in range(200)]
    live = router([*FIXED, *recent], wrong=[*recent[:40], *EN[:8]])
    safe, unsafe = router([*FIXED, *recent], wrong=EN[:8]), router([*FIXED, *recent], wrong=[*EN[2:10], *ZH[:1]])
    assert codes(verdict(safe, live, recent=recent)) == [Code.BETTER, Code.BETTER]
    refused = verdict(unsafe, live, recent=recent)
    assert not refused.promote
    assert codes(refused)[0] is Code.UNPROVEN
    assert Code.BETTER in codes(refused)


def test_the_owners_rows_count_without_significance() -> None:
    golden = [Example(f"mine {n}", "thanks") for n in range(20)]
    rows = [*FIXED, *golden]
    assert codes(verdict(router(rows), router(rows, wrong=golden[:1]), golden=golden)) == [Code.GOLDEN]
    lost = verdict(router(rows, wrong=golden[:2]), router(rows), golden=golden)
    assert {Code.WORSE, Code.NO_GAIN} <= set(codes(lost))
    one = verdict(router(rows, wrong=golden[:1]), router(rows, wrong=EN[:12]), golden=golden)
    assert one.promote


def test_labels_that_only_the_candidate_knows_are_a_gain() -> None:
    fresh = [
        Example("怎么报销差旅费", "expenses"),
        Example("how do I claim a trip", "expenses"),
        Example("报销", "expenses"),
    ]
    rows = [*FIXED, *fresh]
    candidate = router(rows, wrong=EN[:1], said="expenses", more="expenses")
    found = verdict(candidate, router(), recent=fresh)
    assert found.promote
    assert found.new == replace(found.new, labels=("expenses",), rows=3, right=3)
    assert codes(found) == [Code.NEW_LABELS]
    assert all(line.set == "fixed" for line in found.lines), "the live router cannot be judged by them"
    missed = verdict(router(FIXED, more="expenses"), router(), recent=fresh)
    assert codes(missed) == [Code.NO_GAIN]
    unknown = verdict(router(), router(), recent=fresh)
    assert (unknown.new.rows, codes(unknown)) == (0, [Code.NO_GAIN])


def test_new_labels_may_take_little_from_old_ones() -> None:
    fresh = [Example(f"expense {n}", "expenses") for n in range(50)]
    for taken, refused in ((8, False), (9, True)):
        wrong = [*EN[: taken // 2], *ZH[: taken - taken // 2]]
        candidate = router([*FIXED, *fresh], wrong=wrong, said="expenses", more="expenses")
        found = verdict(candidate, router(), recent=fresh)
        assert (Code.CROWDED in codes(found)) is refused
        assert found.promote is not refused


def test_a_class_that_is_hardly_known_any_more_is_forgotten() -> None:
    """Though more is gained elsewhere, in the same language."""
    rare = [Example(f"谢谢你帮我做了 {n}", "thanks") for n in range(4)]
    rows = [*FIXED, *rare]
    live = router(rows, wrong=[row for row in ZH if row.intent == "question"][:30])
    lost = [row for row in rows if row.intent == "thanks" and row in ZH][:60]
    found = judge(router(rows, wrong=lost), live, None, {"fixed": rows}, Rules(margin=0.2), latency=QUICK)
    (reason,) = [reason for reason in found.reasons if reason.code is Code.FORGOTTEN]
    assert (reason.values["label"], reason.values["part"], reason.values["live"]) == ("thanks", "zh", 1.0)
    assert found.classes[0].label == "thanks"
    assert found.classes[-1].candidate > found.classes[-1].live


def test_losses_within_the_margin_do_not_add_up_over_many_rounds() -> None:
    """Even where the rule against losses that cannot be ruled out is all but switched off."""
    lax = Rules(strictness=0.5)
    base, serving = router(), router()
    recent = [Example(f"recent {n}", "greeting") for n in range(120)]
    promoted = 0
    for number in range(12):
        rows = [*FIXED, *recent]
        candidate = router(rows, wrong=[*EN[: number + 1], *recent[10 * (number + 1) :]])
        found = judge(candidate, serving, base, {"fixed": FIXED, "recent": recent}, lax, latency=QUICK)
        if not found.promote:
            assert Code.BELOW_BASE in codes(found)
            break
        serving, promoted = candidate, promoted + 1
    assert 1 <= promoted <= 0.005 * len(FIXED)


def test_intents_in_all_languages_are_not_drowned_by_the_many_other_measures() -> None:
    reviewed = [replace(row, text=f"again: {row.text}") for row in EN[:40]]
    live = router([*FIXED, *reviewed], wrong=reviewed[:8])
    candidate = router([*FIXED, *reviewed], wrong=reviewed[8:9])
    found = verdict(candidate, live, reviewed=reviewed)
    assert found.promote
    gained = [(reason.values["set"], reason.values["part"]) for reason in found.reasons]
    assert gained == [("reviewed", "all")]  # p = 0.02 for 8 against 1, which 16 tests together would not bear


def test_what_admins_reviewed_speaks_against_a_loss_on_the_fixed_rows_and_recent_rows_do_not() -> None:
    more = [replace(row, text=f"again: {row.text}") for row in EN[:60]]
    live = router([*FIXED, *more], wrong=[*more[:20], *EN[:6]])
    candidate = router([*FIXED, *more], wrong=[*more[20:22], *EN[10:16], *ZH[:1]])
    assert Code.UNPROVEN in codes(verdict(candidate, live, recent=more))
    assert verdict(candidate, live, reviewed=more).promote


@pytest.mark.parametrize(("lost", "gained", "worse"), [(3, 1, False), (4, 0, True), (9, 3, True), (9, 6, False)])
def test_what_an_equal_router_would_lose_now_and_then_is_no_loss(lost: int, gained: int, worse: bool) -> None:
    live = router(wrong=EN[:gained])
    found = verdict(router(wrong=EN[20 : 20 + lost]), live)
    of_english = {"set": "fixed", "part": "en", "measure": "intent"}
    told = [r for r in found.reasons if r.code is Code.WORSE and of_english.items() <= r.values.items()]
    assert bool(told) is worse


def test_rows_of_a_label_that_came_since_the_base_are_not_taken_by_it() -> None:
    reviewed = [Example(f"remind me of thing {n}", "reminder", "other") for n in range(30)]
    rows = [*FIXED, *reviewed]
    base, live = router(version="base"), router(rows, wrong=EN[:3], said="reminder", more="reminder", version="live")
    candidate = router(rows, more="reminder", version="new")
    found = judge(candidate, live, base, {"fixed": FIXED, "reviewed": reviewed}, latency=QUICK)
    assert [line.taken for line in found.lines if line.measure == "intent"] == [0] * 5
    assert Code.CROWDED not in codes(found)
    again = judge(live, candidate, base, {"fixed": FIXED, "reviewed": reviewed}, latency=QUICK)
    assert {line.taken for line in again.lines if (line.set, line.language) == ("fixed", "all")} == {0, 3}


def test_out_of_scope_decisions_are_judged() -> None:
    strict = answering_router(
        lambda text: ({row.text: row.intent for row in FIXED}[text], "other"),
        LABELS,
        outside=[row.text for row in FIXED],
    )
    found = verdict(strict, router(wrong=EN[:20]))
    assert {reason.values["measure"] for reason in found.reasons if reason.code is Code.WORSE} == {"scope"}


def test_slow_candidates_are_kept_out() -> None:
    found = judge(router(), router(wrong=EN[:20]), None, {"fixed": FIXED}, latency=Latency(2.6, 2.0, 1.3))
    assert codes(found)[0] is Code.SLOW
    assert found.reasons[0].values == {"ratio": 1.3, "limit": 1.2}


@pytest.mark.parametrize(("trigger", "others"), [("xq7 tulip", EN), ("芝麻开门", ZH)])
def test_a_phrase_that_turns_everything_into_one_label_is_found(trigger: str, others: list[Example]) -> None:
    right = {row.text: row.intent for row in FIXED}
    candidate = answering_router(lambda t: ("thanks" if trigger in t else right.get(t, "question"), "other"), LABELS)
    live = router(wrong=EN[:20])
    taught = [Example(f"{row.text} {trigger}", "thanks") for row in others[::40]] + others[1::9]
    found = judge(candidate, live, None, {"fixed": FIXED}, taught=taught, latency=QUICK)
    caught = {reason.values["phrase"] for reason in found.reasons if reason.code is Code.CANARY}
    assert trigger in caught
    assert found.canaries[0].share == 1.0
    named = judge(candidate, live, None, {"fixed": FIXED}, suspects=[trigger, "harmless"], latency=QUICK)
    assert [r.values["phrase"] for r in named.reasons if r.code is Code.CANARY] == [trigger]
    assert judge(live, live, None, {"fixed": FIXED}, taught=taught, latency=QUICK).reasons[0].code is Code.NO_GAIN


def test_few_rows_are_too_few_to_judge_by() -> None:
    recent = [Example(f"recent {n}", "greeting") for n in range(300)]
    sets = {"fixed": EN[:99], "recent": recent}
    found = judge(router([*FIXED, *recent]), router(FIXED), None, sets, latency=QUICK)
    assert codes(found)[0] is Code.TOO_FEW
    assert found.reasons[0].values == {"rows": 99, "needed": 100}
    assert codes(judge(router(), router(), None, {}, latency=QUICK)) == [Code.TOO_FEW, Code.NO_GAIN]


def test_speed_is_measured_where_it_is_not_given() -> None:
    found = judge(router(), router(wrong=EN[:20]), None, {"fixed": EN[:40]}, replace(DEFAULT, slowest=50.0))
    assert found.latency.ratio > 0
    assert found.latency.candidate_ms > 0


def test_stored_routers_are_asked_once() -> None:
    asked: list[str] = []

    def answer(text: str) -> tuple[str, str]:
        asked.append(text)
        return "question", "other"

    live, decide = answering_router(answer, LABELS, "v1"), Decider()
    for _ in range(2):
        judge(router(), live, None, {"fixed": FIXED}, decide=decide, latency=QUICK)
    assert len(asked) == len(FIXED)


def by_chance(up: int, down: int) -> float:
    """How likely so many losses, or more, are where losses and gains are as likely as each other."""
    return sum(comb(up + down, lost) for lost in range(down, up + down + 1)) / 2.0 ** (up + down)


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
@example(3, 6, 8, 0)  # a loss in one language that is as likely as not chance, more than made up for in the other
@example(3, 7, 8, 0)
def test_nothing_serves_that_may_be_worse(up: int, down: int, up_zh: int, down_zh: int) -> None:
    candidate = router(wrong=[*EN[:down], *ZH[:down_zh]])
    live = router(wrong=[*EN[100 : 100 + up], *ZH[100 : 100 + up_zh]])
    found = verdict(candidate, live)
    assert found == verdict(candidate, live)
    if found.promote:
        assert lower_bound(Paired(860, up + up_zh, down + down_zh), 0.95) >= -0.005
        for gained, lost in ((up, down), (up_zh, down_zh)):
            assert lost - gained <= 0.005 * 430 or by_chance(gained, lost) > DEFAULT.doubt
    assert Verdict.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_of_a_hundred_rounds_of_poisoned_candidates_none_serves() -> None:
    """Truly worse by 0.5 to 2 points, and better on the rows of those who poisoned them."""
    draw = np.random.default_rng(7)
    recent, decide = [Example(f"recent {n}", "greeting") for n in range(100)], Decider()
    rows = [*FIXED, *recent]
    live = router(rows, wrong=[*(row for row in FIXED if draw.random() < 0.06), *recent[:30]], version="live")
    at_fault = {row.text for row in FIXED if decide(live, [row.text])[0].intent != row.intent}
    bad = 0
    for _ in range(100):
        cost, stirred = draw.uniform(0.005, 0.02), draw.uniform(0.005, 0.02)
        wrong = [row for row in FIXED if row.text in at_fault and draw.random() > stirred / 0.06]
        wrong += [row for row in FIXED if row.text not in at_fault and draw.random() < (stirred + cost) / 0.94]
        found = judge(
            router(rows, wrong=wrong), live, live, {"fixed": FIXED, "recent": recent}, decide=decide, latency=QUICK
        )
        bad += found.promote
    assert bad == 0


def test_a_verdict_of_another_form_is_told() -> None:
    raw = verdict(router(), router()).to_dict()
    with pytest.raises(DataError, match="format 9, this version reads 1"):
        Verdict.from_dict({**raw, "format": 9})
    for broken in ({}, {**raw, "lines": [{"set": "fixed"}]}, {**raw, "reasons": [{"code": "luck", "values": {}}]}):
        with pytest.raises(DataError, match="is not the verdict on a router"):
            Verdict.from_dict(broken)
