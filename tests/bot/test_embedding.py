"""Embedding many texts."""

import numpy as np

from bot.embedding import embed
from bot.inference import Inference
from tests.support.apps import small_models


async def test_vectors_come_in_the_order_of_the_texts_whatever_their_length() -> None:
    models = small_models()
    texts = [" ".join(["refund", "退款", "office"] * (n * 37 % 11 + 1)) + f" number{n}" for n in range(150)]
    told: list[tuple[int, int]] = []
    async with Inference(models) as inference:
        vectors = await embed(inference, texts, lambda done, total: told.append((done, total)))
        assert await embed(inference, []) == []
    assert b"".join(vectors) == models.encoder.encode(texts).vectors.astype("<f4").tobytes()
    assert np.frombuffer(vectors[0], "<f4").shape == (models.encoder.dimension,)
    assert told == [(64, 150), (128, 150), (150, 150)]


async def test_a_batch_holds_texts_of_similar_length() -> None:
    models = small_models()
    encoder = models.encoder
    texts = ["word " * (1 + n % 2 * 99) for n in range(100)]
    async with Inference(models) as inference:
        await embed(inference, texts)
    (first, second) = encoder.calls[-2:]  # type: ignore[attr-defined]
    assert len({len(text) for text in first}) + len({len(text) for text in second}) == 3
