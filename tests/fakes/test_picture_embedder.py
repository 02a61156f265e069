"""The fake picture embedder keeps the contract, so that tests that use it test something."""

from __future__ import annotations

import pytest

from tests.contracts.picture_embedder_contract import PictureEmbedderContract, picture
from tests.fakes.picture_embedder import FakePictureEmbedder


class TestFakePictureEmbedder(PictureEmbedderContract):
    @pytest.fixture
    def embedder(self) -> FakePictureEmbedder:
        return FakePictureEmbedder()


def test_words_find_the_picture_of_their_colour() -> None:
    embedder = FakePictureEmbedder()
    red, blue = embedder.embed_pictures([picture("red"), picture("blue")])
    asked = embedder.embed_query("Is there a blue wall?")
    assert asked @ blue > 0.5 > asked @ red
