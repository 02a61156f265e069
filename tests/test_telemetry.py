"""The log shows no token, in whatever form its lines are."""

from __future__ import annotations

import json
import logging
from typing import Literal

import pytest

from assistant.telemetry import configure_logging

TOKEN = "ast_" + "aB3-_" * 8 + "xyz"


@pytest.mark.parametrize("form", ["text", "json"])
def test_tokens_are_masked(form: Literal["text", "json"], capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        configure_logging("INFO", form)
        try:
            int(f"Bearer {TOKEN}")
        except ValueError:
            logging.getLogger("test").exception("sent %s twice: %s", TOKEN, {"token": TOKEN})
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    line = capsys.readouterr().err
    assert TOKEN[4:] not in line
    assert line.count("ast_**********") == 3
    if form == "json":
        assert json.loads(line)["message"].startswith("sent ast_*")
