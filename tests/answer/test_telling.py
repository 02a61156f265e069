"""An error of a model's server as those see it who asked, and as those do who look after it."""

from __future__ import annotations

import pytest

from assistant.answer.telling import told
from assistant.errors import ModelAccessError, ModelInterruptedError, ModelServerError, ModelUnavailableError
from assistant.types import User

STAFF, ADMIN = User("emil", frozenset({"staff"})), User("ada", role="admin")


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (
            "the model server http://10.1.2.3:8000/v1 does not answer: [Errno 111] Connection refused",
            "the model server does not answer: [Errno 111] Connection refused",
        ),
        (
            "the model maverick at https://gpu.corp/v1 refuses the request: 400",
            "the model maverick refuses the request: 400",
        ),
        ("the model server http://gone: too slow", "the model server: too slow"),
        ("http://gone/tokenize does not answer with a count", "does not answer with a count"),
    ],
)
def test_the_address_of_a_server_is_for_those_who_manage_it(message: str, shown: str) -> None:
    error = ModelUnavailableError(message, "start it, or correct the model's url", retry_after=2.0)
    seen = told(error, STAFF)
    assert (seen.message, str(seen)) == (shown, f"{shown} (tell an admin: the page of models says what is wrong)")
    assert (type(seen), seen.retry_after) == (ModelUnavailableError, 2.0)
    assert error.message == message
    assert told(error, ADMIN) is error


def test_what_had_come_and_what_one_can_do_oneself_stay() -> None:
    error = ModelInterruptedError("the model server http://a/v1 ended it", "ask again", text="So far")
    seen = told(error, STAFF)
    assert isinstance(seen, ModelInterruptedError)
    assert (seen.message, seen.hint, seen.text) == ("the model server ended it", "ask again", "So far")


def test_a_key_is_not_the_askers_to_correct() -> None:
    seen: ModelServerError = told(
        ModelAccessError("the model server http://a/v1 refuses", "correct the api_key"), STAFF
    )
    assert "api_key" not in str(seen)
