"""A snapshot holds what may be learned, and nothing else; on disk it is whole, checked, and can forget."""

import json
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.errors import DataError
from nlp.learning.folding import NearIndex
from nlp.learning.samples import Policy, Sample, Snapshot, writer_key
from nlp.learning.snapshot import examples, freeze
from nlp.learning.snapshot_store import read, without, write
from nlp.training.data import Example
from tests.nlp.learning.people import NOW, SEEDS, THINGS_EN, THINGS_ZH, sample

SECRET = "pepper"
POLICY = Policy(person_share=0.2)
SAMPLES = [
    *(sample(n, f"who may repair a broken {thing} quickly") for n, thing in enumerate(THINGS_EN)),
    *(sample(30 + n, f"坏掉的{thing}应该由谁来修理呢") for n, thing in enumerate(THINGS_ZH)),
    *(sample(60 + n, f"get rid of that old {thing} now", "request") for n, thing in enumerate(THINGS_EN)),
]


def _freeze(samples: list[Sample], policy: Policy = POLICY, seeds: list[Example] = SEEDS) -> Snapshot:
    return freeze(samples, seeds, policy, NOW, SECRET)


def _texts(snapshot: Snapshot) -> set[str]:
    return {row.text for row in snapshot.rows}


def test_every_honest_message_is_taken_or_held_out() -> None:
    snapshot = _freeze(SAMPLES)
    taken = snapshot.report["taken"]
    assert taken["train"] + taken["recent"] == len(SAMPLES) + len(SEEDS)
    assert taken["recent"] >= 4
    assert snapshot.report["refused"] == {}
    assert {row.language for row in snapshot.split("train")} == {"en", "zh"}


def test_what_admins_labelled_is_held_out_apart_from_what_anybody_did() -> None:
    snapshot = _freeze([replace(one, trusted=place % 2 == 0) for place, one in enumerate(SAMPLES)])
    by_admins = {one.origin for one in SAMPLES[::2]}
    reviewed, recent = snapshot.split("reviewed"), snapshot.split("recent")
    assert reviewed
    assert recent
    assert all(row.sources[0].origin in by_admins for row in reviewed)
    assert not any(row.sources[0].origin in by_admins for row in recent)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"consented": False}, "no consent"),
        ({"said_at": NOW + timedelta(seconds=1)}, "from the future"),
        ({"weight": 0.0}, "no weight"),
        ({"text": "x" * 2001}, "too long"),
        ({"text": "a@b.com"}, "too short"),
        ({"text": SEEDS[0].text, "intent": "request", "live": 0.9}, "contradicts a seed"),
    ],
)
def test_what_may_not_teach_is_refused_and_counted(more: dict[str, Any], reason: str) -> None:
    bad = replace(sample(999, "who waters the plants in the lobby", said_at=NOW - timedelta(days=250)), **more)
    snapshot = _freeze([*SAMPLES, bad])
    assert snapshot.report["refused"] == {reason: 1}
    assert not any(source.origin == "message:999" for row in snapshot.rows for source in row.sources)


def test_personal_data_of_messages_and_seeds_is_not_in_it() -> None:
    seeds = [*SEEDS, Example("my name is Ottoline, order a new lamp", "request", "office", "mine:1")]
    mail = sample(1, "why does nobody answer canary99@example.com about the plants")
    snapshot = _freeze([*SAMPLES, mail], seeds=seeds)
    assert "why does nobody answer <email> about the plants" in _texts(snapshot)
    assert "my name is <name>, order a new lamp" in _texts(snapshot)
    assert snapshot.report["scrubbed"] == {"email": 1}


def test_the_label_of_who_is_trusted_wins_then_the_newest() -> None:
    text = "who waters the plants in the lobby"
    said = [sample(1, text, "a"), sample(200, text + "?", "b"), sample(100, text, "c", trusted=True)]
    row = next(row for row in _freeze([*SAMPLES, *said]).rows if "plants" in row.text)
    assert (row.intent, [source.origin for source in row.sources]) == ("c", ["message:100", "message:200", "message:1"])
    newest = next(row for row in _freeze([*SAMPLES, *said[:2]]).rows if "plants" in row.text)
    assert newest.intent == "b"


def test_an_admin_corrects_a_seed() -> None:
    said = sample(1, SEEDS[0].text, "request", trusted=True)
    rows = [row for row in _freeze([*SAMPLES, said]).rows if row.text == SEEDS[0].text]
    assert [(row.intent, row.sources[0].origin) for row in rows] == [("request", "message:1")]


def test_nothing_leaks_from_what_is_held_out() -> None:
    golden = [
        sample(1, "where can I find the invoice, please?", golden=True),
        sample(2, "坏掉的打印机应该由谁来修理", golden=True),
    ]
    snapshot = _freeze([*SAMPLES, *golden])
    held_out = [row.text for row in snapshot.rows if row.split != "train"]
    index = NearIndex(held_out)
    for text in held_out:
        index.add(text)
    assert len(snapshot.split("golden")) == 2
    assert all(next(index.find(row.text), None) is None for row in snapshot.split("train"))
    assert snapshot.report["refused"]["repeats what is held out"] >= 2
    chats = {split: {_chat(row.sources[0].origin) for row in snapshot.split(split)} for split in ("recent", "train")}
    assert not chats["recent"] & chats["train"]


def _chat(origin: str) -> str:
    kind, _, number = origin.partition(":")
    return f"chat:{int(number) // 3}" if kind == "message" else origin


def test_nobody_teaches_more_than_their_share() -> None:
    pairs = [(a, b) for a in THINGS_EN for b in THINGS_EN if a != b]
    long_ago = NOW - timedelta(days=299)
    loud = [
        sample(1000 + n, f"how come the {a} of the {b} hums", person=7, said_at=long_ago, established=3)
        for n, (a, b) in enumerate(pairs)
    ]
    snapshot = _freeze([*SAMPLES, *loud], Policy(person_share=0.02))
    train = snapshot.split("train")
    mine = sum(row.weight for row in train if row.sources[0].writer == writer_key(7, SECRET))
    total = sum(row.weight for row in train)
    assert 0.019 * total < mine <= 0.02 * total + 1e-6
    assert snapshot.report["capped"]["people"] >= 1


def test_replay_is_bounded_and_keeps_every_label() -> None:
    snapshot = _freeze(SAMPLES, Policy(seed_rows=10, chat_rows=12, person_share=1.0))
    seeds = [row for row in snapshot.rows if not row.sources[0].origin.startswith("message")]
    assert len(seeds) == 10
    assert {row.intent for row in seeds} == {"question", "request"}
    assert len(snapshot.rows) == 22


def test_planted_labels_are_held_and_named() -> None:
    flip = sample(400, "where can they find the parking", "request", said_at=NOW - timedelta(days=290))
    assert _freeze([*SAMPLES, flip]).held == {"neighbours": ("message:400",)}


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_same_samples_make_the_same_snapshot(chance: random.Random) -> None:
    shuffled = list(SAMPLES)
    chance.shuffle(shuffled)
    assert _freeze(shuffled) == _freeze(SAMPLES)


def test_any_change_changes_the_fingerprint() -> None:
    frozen = _freeze(SAMPLES)
    changed = [replace(SAMPLES[0], topic="home"), *SAMPLES[1:]]
    assert len({frozen.sha256, _freeze(changed).sha256, _freeze(SAMPLES, Policy()).sha256}) == 3


def test_training_takes_the_rows_with_their_weights() -> None:
    snapshot = _freeze(SAMPLES)
    taught = examples(snapshot)
    assert len(taught) == len(snapshot.split("train"))
    assert {e.weight for e in taught if e.origin.startswith("message")} <= {0.4}


def test_without_a_secret_no_writer_is_told() -> None:
    rows = freeze(SAMPLES, SEEDS, POLICY, NOW).rows
    assert {source.writer for row in rows for source in row.sources} == {""}


def test_a_snapshot_is_read_as_it_was_written(tmp_path: Path) -> None:
    snapshot = _freeze([*SAMPLES, sample(400, "where can they find the parking", "request")])
    write(tmp_path / "s", snapshot)
    assert read(tmp_path / "s") == snapshot
    with pytest.raises(DataError, match="not empty"):
        write(tmp_path / "s", snapshot)


def test_a_damaged_snapshot_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "s", _freeze(SAMPLES))
    rows = next((tmp_path / "s").glob("rows-*"))
    rows.write_text(rows.read_text().replace("question", "request", 1))
    with pytest.raises(DataError, match="damaged"):
        read(tmp_path / "s")
    manifest = tmp_path / "s" / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "format": 9}))
    with pytest.raises(DataError, match="format 9"):
        read(tmp_path / "s")
    with pytest.raises(DataError, match="choose another folder"):
        read(tmp_path)


def test_a_forgotten_person_leaves_no_byte(tmp_path: Path) -> None:
    mine = [sample(1, "why is the canary-abc lamp broken", person=77), sample(2, f"{SAMPLES[0].text}!", person=77)]
    write(tmp_path / "s", _freeze([*SAMPLES, *mine]))
    before = read(tmp_path / "s")
    assert without(tmp_path / "s", writers={writer_key(77, SECRET)}) == 2
    after = read(tmp_path / "s")
    assert len(after.rows) in (len(before.rows) - 1, len(before.rows) - 2)
    assert after.sha256 != before.sha256
    left = b"".join(path.read_bytes() for path in (tmp_path / "s").iterdir())
    assert b"canary-abc" not in left
    assert writer_key(77, SECRET).encode() not in left
    assert len(list((tmp_path / "s").iterdir())) == 2
    assert without(tmp_path / "s", writers={writer_key(77, SECRET)}) == 0


def test_forgetting_by_origin_reaches_what_was_held_back(tmp_path: Path) -> None:
    flip = sample(400, "where can they find the parking", "request", said_at=NOW - timedelta(days=290))
    write(tmp_path / "s", _freeze([*SAMPLES, flip]))
    assert without(tmp_path / "s", origins={"message:400", "message:3"}) == 2
    assert "message:400" not in (tmp_path / "s" / "manifest.json").read_text()


def test_forgetting_that_was_cut_off_is_finished_by_the_next(tmp_path: Path) -> None:
    write(tmp_path / "s", _freeze(SAMPLES))
    stale = tmp_path / "s" / "rows-000000000000.jsonl"
    stale.write_text("canary")
    assert without(tmp_path / "s", origins={"message:none"}) == 0
    assert not stale.exists()
