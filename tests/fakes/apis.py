"""The API over a system of a test, with routes that are made once a process: that takes a second."""

from __future__ import annotations

from functools import cache
from typing import cast

from fastapi import FastAPI

from assistant.api.application import put_over, routed
from assistant.api.context import SyncQueue
from assistant.app import App


def api_over(app: object, queue: SyncQueue) -> FastAPI:
    """Return the API as `create_api` does, but the same one each time: two at once need `create_api`.

    Args:
        app: the assistant, or what stands in for it.
        queue: takes syncs that are asked for.
    """
    api = _made()
    del api.router.routes[_routes() :]  # what a test has added
    api.dependency_overrides.clear()
    api.middleware_stack = None  # made at the first request, as the test has it
    put_over(api, cast(App, app), queue)
    return api


@cache
def _made() -> FastAPI:
    return routed()


@cache
def _routes() -> int:
    return len(_made().router.routes)
