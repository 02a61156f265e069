"""The log shows no token and no personal data, in whatever form its lines are and whoever writes them."""

from __future__ import annotations

import json
import logging
import sys
import threading
from typing import Literal

import pytest

from assistant.telemetry import configure_logging, redact_handlers

TOKEN = "ast_" + "aB3-_" * 8 + "xyz"


@pytest.mark.parametrize("form", ["text", "json"])
def test_tokens_are_masked(form: Literal["text", "json"], capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", form)
    try:
        int(f"Bearer {TOKEN}")
    except ValueError:
        logging.getLogger("test").exception("sent %s twice: %s", TOKEN, {"token": TOKEN})
    line = capsys.readouterr().err
    assert TOKEN[4:] not in line
    assert line.count("**********") == 3
    if form == "json":
        assert json.loads(line)["message"].startswith("sent ast_*")


@pytest.mark.parametrize("form", ["text", "json"])
def test_personal_data_is_masked(form: Literal["text", "json"], capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", form, keep={"10.9.8.7"})
    try:
        int("no answer\n4111111111111111\nann@example.com\n+49 30 7654321")
    except ValueError:  # its message is the text as `repr` writes it
        logging.getLogger("test").exception("for %s at 10.9.8.7:\n+49 30 1234567", {"to": "bob@example.com"})
    line = capsys.readouterr().err
    assert "example.com" not in line
    assert "4111" not in line
    assert "1234567" not in line
    assert "7654321" not in line
    assert "10.9.8.7" in line
    if form == "json":
        assert set(json.loads(line)) == {"time", "level", "logger", "request", "message", "error"}


def test_a_line_that_cannot_be_made_gives_its_arguments_not_away(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "text")
    logging.getLogger("test").info("%d", "ann@example.com")
    said = capsys.readouterr().err
    assert "could not be written (test, line" in said
    assert "example.com" not in said


def test_what_ends_a_thread_is_logged_and_redacted(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "text")

    def fail() -> None:
        raise ValueError("ann@example.com")

    thread = threading.Thread(target=fail, name="reader")
    thread.start()
    thread.join()
    said = capsys.readouterr().err
    assert "the thread reader ended" in said
    assert "ValueError: [mail]" in said


def test_what_ends_the_process_is_logged_and_redacted(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "text")
    error = ValueError("ann@example.com")
    sys.excepthook(ValueError, error, None)
    said = capsys.readouterr().err
    assert "the process ends" in said
    assert "ValueError: [mail]" in said


def test_handlers_of_a_library_are_redacted_once(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "text")
    logger = logging.getLogger("library_x.part")
    logger.propagate = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("LIB %(message)s"))
    logger.addHandler(handler)
    try:
        redact_handlers("library_x")
        kept = handler.formatter
        redact_handlers("library_x")
        assert handler.formatter is kept
        logger.warning("ann@example.com")
    finally:
        logger.removeHandler(handler)
    assert capsys.readouterr().err == "LIB [mail]\n"
