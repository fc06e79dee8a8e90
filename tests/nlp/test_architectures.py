"""What every architecture of the router must keep: the same texts, stored or not, alone or with others."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from nlp.architectures import ARCHITECTURES, load_scorer
from nlp.architectures.lstm import BothWays, LstmNetwork, LstmShape
from nlp.architectures.transformer import TransformerNetwork
from nlp.errors import DataError, ModelError
from nlp.model_store import Arrays, ModelStore
from nlp.router import Router, load_router
from nlp.training import Step, run
from nlp.training.configs import FusedConfig
from nlp.training.data import Example
from nlp.training.router import CONFIGS, AnyConfig, save_router, train_router
from nlp.training.transformer import layer_groups
from tests.support.models import EXAMPLES, BagEncoder
from tests.support.networks import SMALL_LSTM, SMALL_TRANSFORMER, numbered, write_encoder

KINDS = [*ARCHITECTURES, "adapters"]
NETWORKS = [kind for kind in KINDS if kind != "fused"]
EXTREMES = ["", " ", "👍", "👍🏽🎉", "啊" * 100_000, "x" * 100_000, "no " * 50_000, "\ud800", "\x00", "你好 hello 👋"]


@pytest.fixture(scope="module")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module", params=KINDS)
def config(request: pytest.FixtureRequest, encoder_folder: Path) -> AnyConfig:
    transformer = replace(SMALL_TRANSFORMER, base=str(encoder_folder))
    configs: dict[str, AnyConfig] = {
        "fused": FusedConfig(iterations=15),
        "lstm": SMALL_LSTM,
        "transformer": transformer,
        "adapters": replace(transformer, lora_rank=4, learning_rate=1e-2),
    }
    return configs[request.param]


@pytest.fixture(scope="module")
def router(config: AnyConfig) -> Router:
    return run(train_router(EXAMPLES, BagEncoder(), config, valid=EXAMPLES))


def train(config: AnyConfig, examples: list[Example], **more: Any) -> tuple[Router, list[Step]]:
    steps: list[Step] = []
    return run(train_router(examples, BagEncoder(), config, **more), steps.append), steps


def short(config: AnyConfig) -> AnyConfig:
    return config if isinstance(config, FusedConfig) else replace(config, epochs=2)


def test_it_learns_intents_and_topics(router: Router) -> None:
    routes = router.route_many([example.text for example in EXAMPLES])
    assert np.mean([r.intent.label == e.intent for r, e in zip(routes, EXAMPLES, strict=True)]) > 0.85
    assert all(route.topic is not None for route in routes)


@pytest.mark.parametrize("text", EXTREMES)
def test_extreme_texts_have_a_route(router: Router, text: str) -> None:
    route = router.route(text)
    assert sum(prediction.score for prediction in route.intents) == pytest.approx(1, abs=1e-3)
    assert 0 <= route.coverage <= 1
    assert 0 <= route.scope_score <= 1


def test_what_it_never_saw_is_not_covered(router: Router) -> None:
    known, strange = router.route("how do i reset my password"), router.route("👍")
    assert strange.coverage < known.coverage == 1


def test_many_texts_are_scored_as_each_alone(router: Router) -> None:
    texts = [*EXTREMES, *(example.text for example in EXAMPLES)]
    together = router.scorer.score(texts)
    for number, text in enumerate(texts):
        alone = router.scorer.score([text])
        np.testing.assert_allclose(alone.logits[0], together.logits[number], atol=1e-4)
        assert alone.coverage[0] == together.coverage[number]


def test_a_stored_router_says_the_same(router: Router, config: AnyConfig, tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    manifest = save_router(router, store, EXAMPLES, config)
    again, _ = load_router(store.folder("router", manifest.version), BagEncoder())
    texts = [*EXTREMES, *(example.text for example in EXAMPLES)]
    for one, other in zip(router.route_many(texts), again.route_many(texts), strict=True):
        assert one.intent.label == other.intent.label
        assert one.intent.score == pytest.approx(other.intent.score, abs=1e-2)
        assert (one.coverage, one.in_scope) == (other.coverage, other.in_scope)
    names = set(again.to_arrays()[1])
    assert names == set(router.to_arrays()[1])


def test_the_same_data_makes_the_same_router(config: AnyConfig) -> None:
    one, other = (train(short(config), EXAMPLES)[0].to_arrays() for _ in range(2))
    assert one[0] == other[0]
    for name, array in one[1].items():
        np.testing.assert_array_equal(array, other[1][name])


def test_too_little_data_is_refused(config: AnyConfig) -> None:
    with pytest.raises(DataError, match="two different labels, 1 found"):
        train(config, [Example("a", "x"), Example("b", "x")])


def test_two_examples_a_class_and_no_topics_are_enough(config: AnyConfig) -> None:
    router, _ = train(short(config), numbered(4))
    assert {prediction.label for prediction in router.route("alpha").intents} == {"x", "y"}
    assert router.route("alpha").topics == ()


def test_missing_arrays_are_refused(router: Router) -> None:
    configuration, arrays = router.to_arrays()
    victim = next(name for name in arrays if name == "hashes" or "weight" in name)
    with pytest.raises(ModelError, match="train it again"):
        load({name: array for name, array in arrays.items() if name != victim}, configuration, router)


@pytest.mark.parametrize("config", NETWORKS, indirect=True)
def test_arrays_that_do_not_fit_are_refused(router: Router) -> None:
    configuration, arrays = router.to_arrays()
    for victim in (name for name in arrays if "weight" in name):
        with pytest.raises(ModelError, match="train it again"):
            load({**arrays, victim: arrays[victim][..., :1]}, configuration, router)


def load(arrays: Arrays, configuration: dict[str, Any], router: Router) -> Router:
    return Router.from_arrays(router.scorer.architecture, configuration, arrays, BagEncoder(), "v")


def test_every_architecture_has_a_configuration_and_others_are_named() -> None:
    assert tuple(CONFIGS) == ARCHITECTURES
    with pytest.raises(ModelError, match="'cnn', known are fused, transformer, lstm"):
        load_scorer("cnn", {}, {}, BagEncoder())


def test_valid_rows_decide_and_those_of_unknown_labels_are_left_out(config: AnyConfig) -> None:
    unknown = [Example("x", "never seen", "nor this"), Example("hey", "greeting", "nor this")]
    router, _ = train(short(config), EXAMPLES, valid=[*EXAMPLES[:6], *unknown])
    assert len(router.heads[0].labels) == 4
    if not isinstance(config, FusedConfig):
        with pytest.raises(DataError, match="no validation row has a label of the training rows"):
            train(short(config), EXAMPLES, valid=unknown[:1])


@pytest.mark.parametrize("config", NETWORKS, indirect=True)
def test_training_networks_can_be_resumed(config: AnyConfig, tmp_path: Path) -> None:
    whole, _ = train(short(config), EXAMPLES)
    steps = train_router(EXAMPLES, BagEncoder(), short(config), checkpoint=tmp_path)
    while "valid_loss" not in next(steps).metrics:
        pass
    next(steps)  # what follows the end of an epoch comes after its checkpoint
    resumed, seen = train(short(config), EXAMPLES, checkpoint=tmp_path)
    assert "resume" in [step.stage for step in seen]
    for name, array in whole.to_arrays()[1].items():
        np.testing.assert_array_equal(array, resumed.to_arrays()[1][name])
    with pytest.raises(ModelError, match="of another run, whose data is"):
        train(short(config), EXAMPLES[1:], checkpoint=tmp_path)


def test_adapters_are_stored_without_the_encoder_they_need(encoder_folder: Path, tmp_path: Path) -> None:
    config = replace(SMALL_TRANSFORMER, epochs=1, lora_rank=2, base=str(encoder_folder))
    router, _ = train(config, EXAMPLES)
    configuration, arrays = router.scorer.to_arrays()
    assert all(name.startswith(("adapters.", "heads.")) for name in arrays)
    assert sum(array.size for array in arrays.values()) < 8_000
    foreign = write_encoder(tmp_path / "foreign", seed=1)
    changed = {**configuration, "lora": {**configuration["lora"], "base": str(foreign)}}
    with pytest.raises(ModelError, match="has adapters for another encoder"):
        load_scorer("transformer", changed, arrays, BagEncoder())
    gone = {**configuration, "lora": {**configuration["lora"], "base": str(tmp_path / "gone")}}
    with pytest.raises(ModelError, match="has adapters for an encoder that is not here"):
        load_scorer("transformer", gone, arrays, BagEncoder())


def test_lower_layers_learn_more_slowly() -> None:
    layers = nn.ModuleDict({"embeddings": nn.Linear(2, 2), "layer": nn.ModuleList(nn.Linear(2, 2) for _ in range(2))})
    encoder = nn.ModuleDict({"encoder": layers})
    groups = layer_groups(
        TransformerNetwork(encoder, 2, 3), replace(SMALL_TRANSFORMER, learning_rate=1.0, layer_decay=0.5)
    )
    assert [group.learning_rate for group in groups] == [1.0, 0.5, 0.25, SMALL_TRANSFORMER.head_learning_rate]
    assert [min(group.parameters) for group in groups] == [
        "encoder.layer.1.bias",
        "encoder.layer.0.bias",
        "encoder.embeddings.bias",
        "bias",
    ]


def test_both_ways_is_a_packed_bidirectional_lstm() -> None:
    torch.manual_seed(0)
    ours, packed = BothWays(5, 4), nn.LSTM(5, 4, batch_first=True, bidirectional=True)
    packed.load_state_dict(
        dict(ours.forth.state_dict()) | {f"{name}_reverse": value for name, value in ours.back.state_dict().items()}
    )
    rows, lengths = torch.randn(6, 9, 5), torch.tensor([9, 1, 4, 7, 2, 9])
    inputs = nn.utils.rnn.pack_padded_sequence(rows, lengths, batch_first=True, enforce_sorted=False)
    expected, _ = nn.utils.rnn.pad_packed_sequence(packed(inputs)[0], batch_first=True)
    inside = torch.arange(9) < lengths[:, None]
    torch.testing.assert_close(ours(rows, lengths)[inside], expected[inside])


def test_padding_says_nothing() -> None:
    network = LstmNetwork(LstmShape(20, 6, 4, 2, 4, 3)).eval()
    words = torch.randint(1, 20, (1, 5))
    padded = torch.cat([words, torch.randint(0, 20, (1, 7))], dim=1)
    torch.testing.assert_close(network(padded, torch.tensor([5])), network(words, torch.tensor([5])))
