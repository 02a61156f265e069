"""SCIM's answers and errors, and what stands before its routes."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import ValidationError
from scim2_models import Context, Error, InvalidSyntaxException, PayloadTooLargeException, SCIMException
from starlette.exceptions import HTTPException

from assistant.api.scim.resources import POLICY
from assistant.errors import (
    AccessDeniedError,
    AssistantError,
    ConfigurationError,
    NotFoundError,
    NotSignedInError,
    TakenError,
    TooManyAttemptsError,
)

log = logging.getLogger(__name__)

PREFIX = "/scim/v2"
MEDIA_TYPE = "application/scim+json"
MOST_BYTES = 10_000_000
_STATUS: tuple[tuple[type[AssistantError], int, str | None], ...] = (
    (NotSignedInError, 401, None),
    (TooManyAttemptsError, 429, None),
    (AccessDeniedError, 403, None),
    (NotFoundError, 404, None),
    (TakenError, 409, "uniqueness"),
    (ConfigurationError, 400, "invalidValue"),
)


class ScimResponse(Response):
    """An answer in SCIM's own JSON."""

    media_type = MEDIA_TYPE


RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "As SCIM has it.", "content": {MEDIA_TYPE: {"schema": {"type": "object"}}}},
    201: {"description": "What was made, as SCIM has it.", "content": {MEDIA_TYPE: {"schema": {"type": "object"}}}},
    **{
        status: {"description": "An error in SCIM's form.", "content": {MEDIA_TYPE: {}}}
        for status in (400, 401, 403, 404, 409, 412, 413, 422, 429, 500, 501, 503)
    },
}


class ScimRoute(APIRoute):
    """A route whose errors, those of what stands before it too, are told in SCIM's form."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of the route, with errors as SCIM has them."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except (AssistantError, SCIMException, ValidationError, RequestValidationError) as error:
                return scim_error(error)

        return handle


def scim_error(error: Exception) -> Response:
    """Return an error in SCIM's form."""
    if isinstance(error, SCIMException):
        made = error.to_error()
    elif isinstance(error, ValidationError):
        made = Error.from_validation_errors(error)[0]
    elif isinstance(error, AssistantError):
        made = _known(error)
    elif isinstance(error, RequestValidationError):
        first = error.errors()[0]
        made = Error(status=400, scim_type="invalidValue", detail=f"{first['loc'][-1]}: {first['msg']}")
    else:
        status = error.status_code if isinstance(error, HTTPException) else 500
        made = Error(status=status, detail=f"{error}; see {PREFIX}/ResourceTypes")
    status = made.status or 400
    response = answered(made.model_dump(scim_ctx=Context.DEFAULT), status)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="assistant"'
    return response


def answered(value: dict[str, Any], status: int = 200) -> Response:
    """Return an answer as SCIM's JSON; its version and its place are headers as well."""
    meta = value.get("meta") or {}
    headers = {"ETag": meta["version"]} if "version" in meta else {}
    if status == 201:
        headers["Location"] = meta["location"]
    return Response(json.dumps(value, ensure_ascii=False), status, headers, MEDIA_TYPE)


async def body_of(request: Request) -> dict[str, Any]:
    """Return the request's JSON object.

    Raises:
        InvalidSyntaxException: it is none.
        PayloadTooLargeException: it is too large.
    """
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > MOST_BYTES:
            raise PayloadTooLargeException(detail=f"a request has at most {MOST_BYTES:,} bytes")
    try:
        value = json.loads(data)
    except ValueError as error:
        raise InvalidSyntaxException(detail=f"the request is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise InvalidSyntaxException(detail="the request is not one JSON object")
    return value


def read_as(model: type[Any], value: dict[str, Any], context: Context) -> Any:
    """Return a request as its model, as far from the letter as the policy allows. Raises ValidationError."""
    return model.model_validate(value, scim_ctx=context, scim_policy=POLICY)


def _known(error: AssistantError) -> Error:
    other = (503 if error.retryable else 500, None)
    status, keyword = next(((code, word) for kind, code, word in _STATUS if isinstance(error, kind)), other)
    if status >= 500:
        log.error("%s: %s", error.code, error)
    return Error(status=status, scim_type=keyword, detail=str(error))
