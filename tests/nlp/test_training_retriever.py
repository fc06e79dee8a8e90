"""Training the retriever: what can be learned is, and noise and unreadable pairs teach nothing."""

import random

import numpy as np
import pytest

from nlp.errors import DataError
from nlp.learning.retrieval import judge_retriever, trials_of_pairs
from nlp.training import Step, run
from nlp.training.division import divide, same_question
from nlp.training.pairs import Pair, snapshot
from nlp.training.retriever import AdapterConfig, train_adapter
from tests.support.models import BagEncoder

# What people call things, and what the documents call them: nothing in common for an encoder that adds up words.
WORDS = {f"slang{number}": f"formal{number}" for number in range(12)}
QUICK = AdapterConfig(rank=12, epochs=60, batch_size=64, learning_rate=1e-2, ridge=5.0, patience=5)


def pairs(count: int, seed: int = 0) -> list[Pair]:
    """Questions in one wording, with passages in the other."""
    chance = random.Random(seed)  # noqa: S311
    made = []
    for number in range(count):
        asked = chance.sample(sorted(WORDS), 2)
        made.append(
            Pair(f"where {asked[0]} {asked[1]} case{number}", f"{WORDS[asked[0]]} {WORDS[asked[1]]} page{number}")
        )
    return made


def test_a_wording_is_learned_and_the_gate_lets_it_serve() -> None:
    learned, held = divide(pairs(400), 0.2, 0)
    encoder, steps = BagEncoder(), list[Step]()
    adapter = run(train_adapter(learned, encoder, QUICK), steps.append)
    ruling = judge_retriever([trials_of_pairs(held)], encoder, adapter)
    assert ruling.serves
    dense = {figure.measure: figure for figure in ruling.figures}["dense mrr@10"]
    assert dense.after > dense.before + 0.2
    assert steps[0].stage == "embed"
    assert steps[-1].stage == "fit"
    assert steps[-1].done == steps[-1].total


def test_noise_is_refused() -> None:
    texts = pairs(400)
    chance = random.Random(1)  # noqa: S311
    noise = [Pair(pair.question, chance.choice(texts).positive) for pair in texts]
    learned, held = divide(noise, 0.2, 0)
    encoder = BagEncoder()
    adapter = run(train_adapter(learned, encoder, QUICK))
    assert not judge_retriever([trials_of_pairs(held)], encoder, adapter).serves


def test_the_same_pairs_teach_the_same() -> None:
    one, two = (run(train_adapter(pairs(60), BagEncoder(), QUICK)) for _ in range(2))
    assert (one.down == two.down).all()
    assert (one.up == two.up).all()


def test_few_pairs_move_little() -> None:
    few, many = (
        run(train_adapter(pairs(count), BagEncoder(), AdapterConfig(epochs=20, batch_size=32))) for count in (30, 400)
    )
    assert np.linalg.norm(few.down @ few.up) < np.linalg.norm(many.down @ many.up)


def test_pairs_that_the_encoder_cannot_read_teach_nothing() -> None:
    readable = pairs(40)
    unreadable = [Pair(f"第{number}号退款怎么办", f"退款{number}天内支付") for number in range(40)]
    valid = pairs(10, seed=5)
    alone = run(train_adapter(readable, BagEncoder(), QUICK, valid))
    beside = run(train_adapter([*readable, *unreadable], BagEncoder(), QUICK, valid))
    assert beside.down @ beside.up == pytest.approx(alone.down @ alone.up, abs=1e-5)
    with pytest.raises(DataError, match="0 pairs of question and passage"):
        run(train_adapter(unreadable, BagEncoder(), QUICK))


def test_pairs_without_weight_are_too_few() -> None:
    weightless = [Pair(pair.question, pair.positive, weight=0.0) for pair in pairs(50)]
    with pytest.raises(DataError, match="collect more votes"):
        run(train_adapter(weightless, BagEncoder(), QUICK))


def test_another_passage_that_answers_is_no_rival() -> None:
    """Two passages answer each question: neither is pushed down for the other, so that both stay as near."""
    both = [p for pair in pairs(60) for p in (pair, Pair(pair.question, pair.positive + " again"))]
    adapter = run(train_adapter(both, BagEncoder(), QUICK))
    encoder = BagEncoder()
    moved = adapter.apply(encoder.encode([pair.question for pair in both[::2]], "query").vectors)
    cosines = [
        (moved * encoder.encode([pair.positive for pair in half]).vectors).sum(axis=1)
        for half in (both[::2], both[1::2])
    ]
    assert cosines[0].mean() == pytest.approx(cosines[1].mean(), abs=0.15)


def test_a_question_is_on_one_side_only() -> None:
    texts = ["When are refunds paid?", "WHEN  are refunds paid?", "何时退款？", "何时 退款？", "a", "b", "c", "d"]
    items = [Pair(text, "x") for text in texts] * 3
    for seed in range(5):
        learned, held = divide(items, 0.5, seed)
        assert len(learned) + len(held) == len(items)
        assert not {same_question(i.question) for i in learned} & {same_question(i.question) for i in held}


def test_the_fingerprint_knows_every_part_but_no_order() -> None:
    one, two = Pair("q", "p", ("n",), 1.0), Pair("q2", "p2")
    assert snapshot([one, two]).sha256 == snapshot([two, one]).sha256
    for other in (Pair("q", "p", (), 1.0), Pair("q", "p", ("n",), 0.5), Pair("q", "x", ("n",), 1.0)):
        assert snapshot([other, two]).sha256 != snapshot([one, two]).sha256
