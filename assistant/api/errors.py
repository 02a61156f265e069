"""Errors as the API says them that was called: the assistant's own, or OpenAI's, of which clients show the message."""

from __future__ import annotations

import json
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel

from assistant.api.schemas import ErrorJson

OPENAI = "/v1"


class OpenAIError(BaseModel):
    """What went wrong, for people; `code` is the error's class."""

    message: str
    type: str
    param: str | None
    code: str


class OpenAIErrorJson(BaseModel):
    """An error as OpenAI's API says it."""

    error: OpenAIError


OPENAI_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": OpenAIErrorJson} for status in (401, 403, 404, 408, 409, 413, 422, 429, 500, 503)
}
_TYPES = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}


def error_response(path: str, status: int, message: str, hint: str, code: str) -> JSONResponse:
    """Return an error to a request to the path `path`; OpenAI's has no field for the hint, which ends its message."""
    if path.startswith(f"{OPENAI}/"):
        return JSONResponse(_body(status, message, hint, code), status_code=status)
    return JSONResponse(ErrorJson(error=message, hint=hint, code=code).model_dump(), status_code=status)


def error_line(message: str, hint: str, code: str) -> str:
    """Return the event that ends a stream where something is wrong."""
    return f"data: {json.dumps(_body(500, message, hint, code))}\n\n"


def _body(status: int, message: str, hint: str, code: str) -> dict[str, Any]:
    kind = _TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
    said = f"{message}; {hint}" if hint else message
    return {"error": {"message": said, "type": kind, "param": None, "code": code}}
