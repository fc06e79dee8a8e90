"""The reranker: a tiny cross-encoder trained here serves a language only where it ranks no worse than the search."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

from nlp.errors import EncoderError
from nlp.reranker import Reranker, Reranking, Trial, load_reranker, served_languages
from nlp.types import Hit, Language, Passage

TOPICS = [("refund", "money"), ("office", "nine"), ("parcel", "monday"), ("printer", "toner"), ("salary", "friday")]
WORDS = [word for pair in TOPICS for word in pair]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
STEPS = 150


def small_config(**settings: Any) -> BertConfig:
    return BertConfig(**settings)


def tokenizer() -> PreTrainedTokenizerFast:
    """Words to numbers; Chinese is unknown to it."""
    plain = Tokenizer(WordLevel({word: i for i, word in enumerate([*SPECIAL, *WORDS])}, unk_token="[UNK]"))
    plain.pre_tokenizer = Whitespace()
    plain.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=plain, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder that has learnt which word answers which."""
    folder = tmp_path_factory.mktemp("reranker")
    torch.manual_seed(0)
    words = tokenizer()
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    still = {"initializer_range": 0.2, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    config = small_config(vocab_size=len(words), num_labels=1, max_position_embeddings=32, **sizes, **still)
    model = BertForSequenceClassification(config)
    pairs = [(question, answer) for question, _ in TOPICS for _, answer in TOPICS]
    batch = words([q for q, _ in pairs], [a for _, a in pairs], return_tensors="pt", padding=True)
    wanted = torch.tensor([float(pair in TOPICS) for pair in pairs])
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(model(**batch).logits[:, 0], wanted)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def reranker(trained: Path) -> Reranker:
    return load_reranker(str(trained), "cpu")


def trials(language: Language, count: int = 20, *, first: bool = False) -> list[Trial]:
    """Questions whose right passage the search put last, or first."""
    made = []
    for number in range(count):
        question, answer = TOPICS[number % len(TOPICS)]
        others = [other for _, other in TOPICS if other != answer]
        passages = (answer, *others) if first else (*others, answer)
        asked = question if language == "en" else f"退款{number}"
        shown = passages if language == "en" else tuple(f"段落{place}" for place in range(len(passages)))
        made.append(Trial(asked, language, shown, frozenset({0 if first else len(others)})))
    return made


def test_what_was_learnt_is_ranked_first(reranker: Reranker) -> None:
    for question, answer in TOPICS:
        passages = [other for _, other in reversed(TOPICS)]
        assert passages[reranker.order(question, passages)[0]] == answer
    assert reranker.order("refund", []) == []


def test_it_serves_the_language_that_it_reads_and_not_the_other(reranker: Reranker) -> None:
    class Backwards:
        """Puts what was first last, where it cannot read."""

        def score(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
            read = reranker.score(pairs)
            return [float(place) if "段" in pairs[0][1] else read[place] for place in range(len(pairs))]

    blind = Reranker(Backwards().score, "blind")
    asked = [*trials("en"), *trials("zh", first=True)]
    assert served_languages(blind, asked) == {"en"}
    reranking = Reranking(blind, served_languages(blind, asked))
    english = [(Passage(key, text, ""), Hit(key, 0.5, 0.5, 0.5)) for key, (_, text) in enumerate(TOPICS)]
    assert reranking.apply("parcel", english)[0][0].text == "monday"
    assert reranking.apply("快递什么时候到？", english) == english


def test_as_good_as_the_search_is_good_enough() -> None:
    silent = Reranker(lambda pairs: [0.0] * len(pairs), "silent")
    assert served_languages(silent, [*trials("en"), *trials("zh", first=True)]) == {"en", "zh"}
    worse = Reranker(lambda pairs: list(range(len(pairs))), "worse")
    assert served_languages(worse, trials("en", first=True)) == frozenset()


def test_too_few_questions_prove_nothing(reranker: Reranker) -> None:
    assert served_languages(reranker, trials("en", 9)) == frozenset()
    unanswered = [Trial("refund", "en", ("nine",), frozenset())] * 20
    assert served_languages(reranker, unanswered) == frozenset()


def test_a_folder_that_names_code_or_holds_nothing_is_refused(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="cannot be loaded"):
        load_reranker(str(tmp_path), "cpu")
    for file in trained.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    configuration = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**configuration, "auto_map": {"AutoModel": "evil.Model"}}))
    with pytest.raises(EncoderError, match="auto_map"):
        load_reranker(str(tmp_path), "cpu")


def test_a_classifier_is_no_reranker(tmp_path: Path) -> None:
    config = BertConfig(vocab_size=14, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)
    config.num_labels = 3
    BertForSequenceClassification(config).save_pretrained(tmp_path)
    tokenizer().save_pretrained(tmp_path)
    with pytest.raises(EncoderError, match="gives 3 scores"):
        load_reranker(str(tmp_path), "cpu")
