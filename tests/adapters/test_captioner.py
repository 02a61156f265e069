"""The vision model's client, against a server of the OpenAI kind that runs in this process."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from assistant.adapters.captioner import OpenAICaptioner, connect_captioner
from assistant.errors import ConfigurationError, ModelServerError, ModelUnavailableError
from assistant.interfaces import Captioner


def png(width: int = 60, height: int = 50, kind: str = "PNG") -> bytes:
    target = BytesIO()
    Image.new("RGB", (width, height), "red").save(target, kind)
    return target.getvalue()


def answering(handle: Callable[[httpx.Request], httpx.Response], key: str = "") -> OpenAICaptioner:
    client = httpx.Client(transport=httpx.MockTransport(handle))
    return OpenAICaptioner("http://vllm:8000/v1/", "maverick", key, client)


def says(text: str | None) -> httpx.Response:
    return httpx.Response(200, json={"choices": [{"message": {"role": "assistant", "content": text}}]})


def test_it_sends_the_picture_with_what_is_known_of_it():
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return says(" A red wall,\nempty. ")

    captioner = answering(handle, "secret")
    assert isinstance(captioner, Captioner)
    assert captioner.name == "maverick"
    assert captioner.caption(png(), "Walls: a handbook") == "A red wall, empty."
    (request,) = seen
    assert str(request.url) == "http://vllm:8000/v1/chat/completions"
    assert request.headers["Authorization"] == "Bearer secret"
    body: dict[str, Any] = json.loads(request.content)
    image, task = body["messages"][0]["content"]
    assert (body["model"], body["temperature"]) == ("maverick", 0)
    assert "Walls: a handbook" in task["text"]
    head, _, data = image["image_url"]["url"].partition(",")
    assert head == "data:image/png;base64"
    assert Image.open(BytesIO(base64.b64decode(data))).size == (60, 50)


def test_large_pictures_are_made_smaller_and_odd_formats_are_converted():
    sizes = []

    def handle(request: httpx.Request) -> httpx.Response:
        url = json.loads(request.content)["messages"][0]["content"][0]["image_url"]["url"]
        head, _, data = url.partition(",")
        sizes.append((head.split(";")[0], Image.open(BytesIO(base64.b64decode(data))).size))
        return says("Red.")

    captioner = answering(handle)
    captioner.caption(png(4000, 1000, "JPEG"), "")
    captioner.caption(png(60, 50, "TIFF"), "")
    assert sizes == [("data:image/jpeg", (1120, 280)), ("data:image/png", (60, 50))]


def test_what_is_transparent_is_sent_as_white():
    target = BytesIO()
    Image.new("RGBA", (60, 50), (0, 0, 0, 0)).save(target, "PNG")
    colours = []

    def handle(request: httpx.Request) -> httpx.Response:
        url = json.loads(request.content)["messages"][0]["content"][0]["image_url"]["url"]
        sent = Image.open(BytesIO(base64.b64decode(url.partition(",")[2])))
        colours.append(sent.convert("RGB").getpixel((0, 0)))
        return says("Nothing.")

    answering(handle).caption(target.getvalue(), "")
    assert colours == [(255, 255, 255)]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_worth_another_try(status: int):
    captioner = answering(lambda _: httpx.Response(status, text="busy"))
    with pytest.raises(ModelUnavailableError, match=str(status)) as caught:
        captioner.caption(png(), "")
    assert caught.value.retryable


def test_a_server_that_is_away_is_worth_another_try():
    def handle(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(ModelUnavailableError, match="does not answer"):
        answering(handle).caption(png(), "")


@pytest.mark.parametrize("status", [401, 404])
def test_a_wrong_setting_is_no_picture_s_fault(status: int):
    captioner = answering(lambda _: httpx.Response(status, text="no such model"))
    with pytest.raises(ModelUnavailableError, match=r"no such model.*ASSISTANT_VISION_MODEL"):
        captioner.caption(png(), "")


def test_a_refusal_names_its_reason():
    captioner = answering(lambda _: httpx.Response(400, text="maverick is\nno vision model"))
    with pytest.raises(ModelServerError, match="maverick is no vision model") as caught:
        captioner.caption(png(), "")
    assert not caught.value.retryable


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"choices": []}', b"[]"])
def test_a_server_of_another_kind_is_told(body: bytes):
    with pytest.raises(ModelServerError, match="OpenAI-compatible"):
        answering(lambda _: httpx.Response(200, content=body)).caption(png(), "")


def test_no_words_are_no_words():
    assert answering(lambda _: says(None)).caption(png(), "") == ""


def test_what_is_no_picture_is_not_sent():
    def never(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request)

    with pytest.raises(ModelServerError, match="decoded"):
        answering(never).caption(b"GIF89a nothing", "")


def test_half_a_configuration_is_told():
    with pytest.raises(ConfigurationError, match="vision_model"):
        connect_captioner("http://vllm:8000/v1", "")
    with pytest.raises(ConfigurationError, match="HTTP"):
        connect_captioner("vllm:8000", "maverick")
    assert connect_captioner("http://vllm:8000/v1", "maverick").name == "maverick"
