"""What a node is told of the models: enough to open them, the same from all bots of the same settings, no secret."""

import pickle
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.remote.recipes import recipe_of
from bot.settings import Settings, load_settings
from bot.sites import generator_config
from nlp.errors import GeneratorError

CHAT = {"generator": "transformers", "generator_model": "no/such-model", "generator_key": SecretStr("secret-key")}


def digest(settings: Settings) -> str:
    return recipe_of(settings, generator_config(settings)).digest


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without dawen.toml."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def test_bots_of_the_same_settings_share_models_and_others_do_not(home: Path) -> None:
    plain = digest(load_settings(home=home))
    assert digest(load_settings(home=home.with_name("other"), port=0)) == plain
    chat = digest(load_settings(home=home, **CHAT))
    assert digest(load_settings(home=home, **CHAT)) == chat
    others = [{"encoder": "other"}, {"device": "cpu"}, {"backend": "torch"}, {"reranker": "some"}]
    assert len({plain, chat, *(digest(load_settings(home=home, **changed)) for changed in others)}) == 6


def test_only_what_is_asked_for_is_opened_and_what_asks_a_server_stays_here(home: Path) -> None:
    settings = load_settings(home=home)
    recipe = recipe_of(settings, generator_config(settings))
    assert (recipe.reranker, recipe.generator) == (None, None)
    settings = load_settings(home=home, generator="openai", generator_model="m", generator_url="http://127.0.0.1:1/v1")
    assert recipe_of(settings, generator_config(settings)).generator is None


def test_a_recipe_travels_without_the_key_and_says_what_cannot_be_opened(home: Path) -> None:
    settings = load_settings(home=home, **CHAT)
    sent = pickle.dumps(recipe_of(settings, generator_config(settings)))
    assert b"secret-key" not in sent
    generator = pickle.loads(sent).generator  # noqa: S301 - written two lines above
    with pytest.raises(GeneratorError, match="no/such-model"):
        generator()
