"""Errors of a model's server, as the API tells them to who asks and to who manages it."""

from __future__ import annotations

import asyncio
import json

import pytest
from starlette.requests import Request

from assistant.access import Caller
from assistant.api.application import _known_error
from assistant.errors import ModelUnavailableError
from assistant.types import Role, User


@pytest.mark.parametrize(("role", "sees"), [("employee", False), ("admin", True)])
def test_where_a_model_stands_is_told_to_those_who_manage_it(role: Role, sees: bool) -> None:
    request = Request({"type": "http", "method": "POST", "path": "/api/plan", "query_string": b"", "headers": []})
    request.state.caller = Caller(User("someone", role=role))
    error = ModelUnavailableError("the model server http://10.1.2.3:8000/v1 does not answer", "start it")
    answer = asyncio.run(_known_error(request, error))
    body = json.loads(bytes(answer.body))
    assert ("10.1.2.3" in body["error"]) is sees
    assert body["code"] == "ModelUnavailableError"
    assert answer.status_code == 503
