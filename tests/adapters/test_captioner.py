"""Descriptions of pictures: what a model that sees is given, and what it is not."""

from __future__ import annotations

import base64
import re
from io import BytesIO

import pytest
from PIL import Image

from assistant.adapters.captioner import ModelCaptioner
from assistant.errors import ModelServerError, ModelUnavailableError
from assistant.interfaces import Captioner
from tests.fakes.chat_model import FakeChatModel
from tests.fakes.model_scripts import Reply, Script


def picture(width: int = 60, height: int = 50, kind: str = "PNG", mode: str = "RGB") -> bytes:
    target = BytesIO()
    Image.new(mode, (width, height), "red" if mode == "RGB" else (0, 0, 0, 0)).save(target, kind)
    return target.getvalue()


@pytest.fixture
def model() -> FakeChatModel:
    return FakeChatModel(Script(otherwise=Reply(" A red wall,\nempty. ")))


@pytest.fixture
def captioner(model: FakeChatModel) -> ModelCaptioner:
    return ModelCaptioner(model, "maverick")


def sent(model: FakeChatModel) -> tuple[str, Image.Image]:
    """Return the media type and the picture that the model was last given."""
    head, _, data = model.asked[-1].images[0].decode().partition(",")
    return head.removeprefix("data:").removesuffix(";base64"), Image.open(BytesIO(base64.b64decode(data)))


def test_a_picture_goes_with_what_is_known_of_it(model: FakeChatModel, captioner: ModelCaptioner) -> None:
    assert isinstance(captioner, Captioner)
    assert captioner.name == "maverick"
    assert captioner.caption(picture(), "Walls: a handbook") == "A red wall, empty."
    assert re.search(r"It stands in:\n<found (\w+)>\nWalls: a handbook\n</found \1>$", model.asked[-1].last)
    assert sent(model)[0] == "image/png"
    assert sent(model)[1].size == (60, 50)
    captioner.caption(picture(), "")
    assert "It stands in" not in model.asked[-1].last


def test_large_pictures_are_made_smaller_and_odd_formats_are_converted(
    model: FakeChatModel, captioner: ModelCaptioner
) -> None:
    captioner.caption(picture(4000, 1000, "JPEG"), "")
    assert (sent(model)[0], sent(model)[1].size) == ("image/jpeg", (1120, 280))
    captioner.caption(picture(60, 50, "TIFF"), "")
    assert (sent(model)[0], sent(model)[1].size) == ("image/png", (60, 50))


def test_what_is_transparent_is_sent_as_white(model: FakeChatModel, captioner: ModelCaptioner) -> None:
    captioner.caption(picture(mode="RGBA"), "")
    assert sent(model)[1].convert("RGB").getpixel((0, 0)) == (255, 255, 255)


def test_what_is_no_picture_is_not_sent(model: FakeChatModel, captioner: ModelCaptioner) -> None:
    with pytest.raises(ModelServerError, match="decoded") as caught:
        captioner.caption(b"GIF89a nothing", "")
    assert not isinstance(caught.value, ModelUnavailableError)
    assert not model.asked
