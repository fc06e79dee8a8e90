"""Many texts to vectors, as the database keeps them, in batches that leave room for questions between them."""

from collections.abc import Sequence

from bot.inference import Inference
from bot.progress import Advance, no_advance

_BATCH = 64  # texts; a batch keeps the models from questions for about a second on a slow CPU


async def embed(inference: Inference, texts: Sequence[str], advance: Advance = no_advance) -> list[bytes]:
    """The vector of each text (float32, little-endian), in the order of the texts.

    Texts of similar length go together, so that little padding is computed; each vector is held once.
    """
    encode = inference.models.encoder.encode
    vectors = [b""] * len(texts)
    by_length = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    for start in range(0, len(texts), _BATCH):
        places = by_length[start : start + _BATCH]
        encoded = await inference.ask(encode, [texts[place] for place in places])
        for place, vector in zip(places, encoded.vectors, strict=True):
            vectors[place] = vector.astype("<f4").tobytes()
        advance(start + len(places), len(texts))
    return vectors
