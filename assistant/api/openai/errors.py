"""Errors in the form of OpenAI's API, whose clients show the message only."""

from __future__ import annotations

import json
from typing import Any

from fastapi.responses import JSONResponse

PREFIX = "/v1"
_TYPES = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}


def openai_error(status: int, message: str, hint: str, code: str) -> JSONResponse:
    """Return an error as OpenAI's API says it; the hint, which it has no field for, ends the message."""
    return JSONResponse(_body(status, message, hint, code), status_code=status)


def error_line(message: str, hint: str, code: str) -> str:
    """Return the event that ends a stream where something is wrong."""
    return f"data: {json.dumps(_body(500, message, hint, code), ensure_ascii=False)}\n\n"


def _body(status: int, message: str, hint: str, code: str) -> dict[str, Any]:
    kind = _TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
    said = f"{message}; {hint}" if hint else message
    return {"error": {"message": said, "type": kind, "param": None, "code": code}}
