"""What every `PictureEmbedder` must do. Subclass it and give the fixture `embedder`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from assistant.errors import DamagedDocumentError
from assistant.interfaces import PictureEmbedder

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16", "I")


def picture(color: str = "red", size: tuple[int, int] = (64, 48), kind: str = "PNG", mode: str = "RGB") -> bytes:
    """Return an image file, its upper half of that colour and its lower half white."""
    image = Image.new("RGB", size, color)
    image.paste("white", (0, size[1] // 2, *size))
    target = BytesIO()
    (image.convert("L").convert(mode) if mode.startswith("I") else image.convert(mode)).save(target, kind)
    return target.getvalue()


class PictureEmbedderContract:
    """The suite. `tolerance` is how far the cosine of what should be one vector may lie below 1."""

    tolerance = 1e-4

    @pytest.fixture
    def embedder(self) -> PictureEmbedder:
        raise NotImplementedError

    def same(self, one: np.ndarray, other: np.ndarray) -> bool:
        return bool(np.all(np.sum(one * other, axis=-1) > 1 - self.tolerance))

    def test_is_a_picture_embedder_with_a_name_and_a_size(self, embedder: PictureEmbedder) -> None:
        assert isinstance(embedder, PictureEmbedder)
        assert embedder.name.strip() == embedder.name != ""
        assert embedder.dimension > 0

    def test_pictures_have_one_unit_row_each_in_float32(self, embedder: PictureEmbedder) -> None:
        vectors = embedder.embed_pictures([picture(), picture("blue", (300, 20)), picture("black", (1, 1))])
        assert vectors.shape == (3, embedder.dimension)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_a_query_is_one_unit_vector_in_float32(self, embedder: PictureEmbedder) -> None:
        for text in ["a red wall", "", "x" * 3000, "word " * 500, "caf\ud83d 東京 \udc00"]:
            vector = embedder.embed_query(text)
            assert vector.shape == (embedder.dimension,)
            assert vector.dtype == np.float32
            assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)

    def test_no_pictures_give_no_rows(self, embedder: PictureEmbedder) -> None:
        assert embedder.embed_pictures([]).shape == (0, embedder.dimension)
        assert embedder.embed_pictures([]).dtype == np.float32

    def test_rows_stand_in_the_order_of_the_pictures(self, embedder: PictureEmbedder) -> None:
        pictures = [picture(color, (40 + 9 * n, 40)) for n, color in enumerate(["red", "blue", "green", "black"] * 6)]
        together = embedder.embed_pictures(pictures)
        assert self.same(together, embedder.embed_pictures(pictures[::-1])[::-1])
        assert self.same(together, np.concatenate([embedder.embed_pictures([one]) for one in pictures]))
        assert not self.same(together[0], together[1])

    @pytest.mark.parametrize("kind", FORMATS)
    def test_every_format(self, embedder: PictureEmbedder, kind: str) -> None:
        same, other = embedder.embed_pictures([picture("blue"), picture("red")])
        vector = embedder.embed_pictures([picture("blue", kind=kind)])[0]
        assert vector @ same > 0.99
        assert vector @ same > vector @ other

    @pytest.mark.parametrize("mode", MODES)
    def test_every_kind_of_pixels(self, embedder: PictureEmbedder, mode: str) -> None:
        kind = "TIFF" if mode.startswith("I") else "PNG"
        assert np.isfinite(embedder.embed_pictures([picture(kind=kind, mode=mode)])).all()

    def test_of_several_frames_the_first_counts(self, embedder: PictureEmbedder) -> None:
        target = BytesIO()
        frames = [Image.open(BytesIO(picture(color))) for color in ("red", "blue")]
        frames[0].save(target, "TIFF", save_all=True, append_images=frames[1:])
        assert self.same(embedder.embed_pictures([target.getvalue()]), embedder.embed_pictures([picture("red")]))

    @pytest.mark.parametrize("size", [(1, 3), (3, 1), (3, 3), (1, 4000), (4000, 2), (2600, 1900)])
    def test_odd_sizes(self, embedder: PictureEmbedder, size: tuple[int, int]) -> None:
        assert np.isfinite(embedder.embed_pictures([picture("blue", size)])).all()

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"no picture",
            picture()[:60],
            picture(kind="JPEG")[:200],
            b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        ],
    )
    def test_what_cannot_be_decoded(self, embedder: PictureEmbedder, data: bytes) -> None:
        with pytest.raises(DamagedDocumentError):
            embedder.embed_pictures([picture(), data])
        assert embedder.embed_pictures([picture()]).shape[0] == 1

    def test_several_threads_at_once(self, embedder: PictureEmbedder) -> None:
        pictures = [picture("red"), picture("blue", (90, 40))]
        expected, query = embedder.embed_pictures(pictures), embedder.embed_query("a blue wall")

        def work(number: int) -> bool:
            if number % 2:
                return self.same(embedder.embed_query("a blue wall"), query)
            return self.same(embedder.embed_pictures(pictures), expected)

        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(work, range(12)))
