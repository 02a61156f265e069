"""A deterministic picture embedder without a model: what counts are a picture's colours, and their names in texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from io import BytesIO

import numpy as np
from PIL import Image, ImageColor

from assistant.errors import DamagedDocumentError
from assistant.interfaces import Vectors

COLORS = ("red", "green", "blue", "yellow", "black", "white", "gray")


class FakePictureEmbedder:
    """Implements `interfaces.PictureEmbedder`: every colour adds to its own place of the vector, then unit length.

    Args:
        name: what the embedder calls itself; give another one to play a changed embedder.
    """

    dimension = len(COLORS) + 1

    def __init__(self, name: str = "fake/colors") -> None:
        self.name = name

    def embed_pictures(self, pictures: Sequence[bytes]) -> Vectors:
        rows = [_vector(_colors(picture)) for picture in pictures]
        return np.stack(rows) if rows else np.empty((0, self.dimension), dtype=np.float32)

    def embed_query(self, text: str) -> Vectors:
        return _vector(COLORS.index(word) for word in re.findall(r"\w+", text.lower()) if word in COLORS)


def _vector(places: Iterable[int]) -> Vectors:
    vector = np.zeros(len(COLORS) + 1, dtype=np.float32)
    vector[-1] = 0.01  # keeps what has no colour at unit length
    for place in places:
        vector[place] += 1
    unit: Vectors = vector / np.linalg.norm(vector)
    return unit


def _colors(picture: bytes) -> list[int]:
    """Return the places of the colours that are nearest to the picture's, in a grid of 8 by 8."""
    try:
        with Image.open(BytesIO(picture), formats=("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")) as opened:
            small = np.asarray(opened.convert("RGB").resize((8, 8), Image.Resampling.BOX), dtype=np.float32)
    except (OSError, ValueError, SyntaxError) as error:
        raise DamagedDocumentError(f"the picture cannot be decoded: {error}") from error
    palette = np.array([ImageColor.getrgb(name)[:3] for name in COLORS], dtype=np.float32)
    distances = np.linalg.norm(small.reshape(-1, 1, 3) - palette, axis=2)
    return [int(place) for place in np.argmin(distances, axis=1)]
