"""Records each request that `rights.RULES` has a word for, before the first byte of its answer is sent.

A change is recorded twice: `begun` before it is made, so that none is made that cannot be recorded, and then how it
ended. Where the log cannot be written, the answer is an error that may be tried again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from fastapi import Request
from starlette.datastructures import Headers, QueryParams
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.access import Caller
from assistant.api.addresses import client_address, networks
from assistant.api.errors import error_response
from assistant.api.rights import RULES, Rule
from assistant.audit import Notes, Recorder, coming_from, note, noting, origin_now
from assistant.catalog import NOBODY, Act, Origin, Outcome
from assistant.errors import AuditUnavailableError
from assistant.telemetry import request_id
from assistant.types import document_id

log = logging.getLogger(__name__)

SIGN_IN, REFUSED = "signed in", "request refused"
_READING = frozenset({"asked", "searched"})  # sent by POST, and yet no changes
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PEOPLE = frozenset({"person", "person_id", "user"})  # path parameters that name somebody
_TOLD = ("source", "key", "page", "picture", "format", "for_good", "action", "outcome", "document", "since", "until")
_LONGEST = 500  # characters of a parameter
_NOBODIES = 60  # sign-ins that failed, recorded in a minute


class Auditing:
    """An ASGI middleware: says where requests come from, and holds their answers back until they are recorded.

    Args:
        app: what is recorded; its `state.context` holds the assistant.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._nobodies = Nobodies()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        app = scope["app"].state.context.app
        origin = Origin(
            "api",
            client_address(scope, networks(app.settings.trusted_proxies)),
            Headers(scope=scope).get("user-agent", "")[:_LONGEST],
            request_id.get(),
        )
        with coming_from(origin), noting() as notes:
            held = _Held(scope, send, app.audit, notes, self._nobodies)
            try:
                await self._app(scope, receive, held.send)
            except Exception:
                await held.failed()
                raise
            finally:
                held.came()


class Nobodies:
    """Keeps those whom nobody knows from filling the log: so many sign-ins that failed a minute, the rest as a number.

    Args:
        now: a clock in seconds that never goes back.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._minute, self._seen, self._left_out = -1, 0, 0

    def take(self) -> dict[str, Any] | None:
        """Return what is to be said of those that were left out, None where this one is left out as well."""
        with self._lock:
            minute = int(self._now() // 60)
            if minute != self._minute:
                self._minute, self._seen = minute, 0
            self._seen += 1
            if self._seen > _NOBODIES:
                self._left_out += 1
                return None
            left_out, self._left_out = self._left_out, 0
            return {"left_out_before": left_out} if left_out else {}


class _Held:
    """Sends one answer on, once its request is recorded; an error instead where it cannot be."""

    def __init__(self, scope: Scope, send: Send, recorder: Recorder, notes: Notes, nobodies: Nobodies) -> None:
        self._scope, self._send, self._recorder, self._notes = scope, send, recorder, notes
        self._nobodies = nobodies
        self._begun = self._refused = self._came = False
        recorder.expect()

    def came(self) -> None:
        """Let nobody wait for this request any more."""
        if not self._came:
            self._came = True
            self._recorder.expected()

    async def send(self, message: Message) -> None:
        if self._refused:
            return  # what was made is not shown
        if message["type"] == "http.response.start" and not self._begun:
            self._begun = True
            try:
                await self._record(message["status"])
                self.came()
            except AuditUnavailableError as error:
                self._refused = True
                answer = error_response(self._scope["path"], 503, error.message, error.hint, error.code)
                await answer(self._scope, _nothing, self._send)
                return
        await self._send(message)

    async def failed(self) -> None:
        """Record that the request ended by a fault; where that cannot be, the fault is what is told."""
        if not self._begun:
            try:
                await self._record(500)
            except AuditUnavailableError as error:
                log.error("%s", error)

    async def _record(self, status: int) -> None:
        rule = rule_of(self._scope)
        if rule is None:
            return
        caller: Caller | None = self._scope.get("state", {}).get("caller")
        who = self._notes.who or (caller.user.id if caller else "")
        details: dict[str, Any] = {"status": status}
        action = rule.action
        if status in {401, 429} and not who:
            if not _brought_something(self._scope) and rule.right != "public":
                return  # nothing was tried
            more = self._nobodies.take()
            if more is None:
                return
            action, details = SIGN_IN, details | more
            self._notes.subject = self._notes.subject or str(self._scope.get("state", {}).get("tried", ""))
        elif status == 403:
            action = action or REFUSED
        if action is not None:
            act = act_of(self._scope, action, who or NOBODY, _outcome(status), details, self._notes)
            recorded = self._recorder.recorded(act)
            self.came()
            await recorded


async def begin(request: Request, caller: Caller, rule: Rule, recorder: Recorder) -> None:
    """Record that a change is about to be made; called when the caller may make it.

    Raises:
        AuditUnavailableError: it cannot be recorded, so that it must not be made.
    """
    if rule.action is None or request.method in _SAFE or rule.action in _READING or rule.right == "public":
        return
    await recorder.recorded(act_of(request.scope, rule.action, caller.user.id, "begun", {}, Notes()))


def note_question(recorder: Recorder, text: str) -> None:
    """Note what was asked or searched for, where the policy wants that."""
    if recorder.keeps_questions:
        note(question=text)


def rule_of(scope: Scope) -> Rule | None:
    """Return the rule of the route that a request has found."""
    return RULES.get((scope["method"], getattr(scope.get("route"), "path_format", "")))


def act_of(scope: Scope, action: str, who: str, outcome: Outcome, details: dict[str, Any], notes: Notes) -> Act:
    """Return what is recorded of a request: its route, what names things in its path and query, and what was noted."""
    subject, about = notes.subject, dict(notes.about)
    told: dict[str, Any] = {"route": f"{scope['method']} {getattr(scope.get('route'), 'path', '')}", **details}
    for name, value in scope.get("path_params", {}).items():
        if name in _PEOPLE:
            subject = subject or str(value)
            about[name] = str(value)[:_LONGEST]
        else:
            told[name] = str(value)[:_LONGEST]
    query = QueryParams(scope.get("query_string", b""))
    told |= {name: query[name][:_LONGEST] for name in _TOLD if query.get(name)}
    documents = set(notes.documents)
    if query.get("source") and query.get("key"):
        documents.add(document_id(query["source"], query["key"]))
    return Act(
        action=action,
        who=who,
        outcome=outcome,
        origin=origin_now(),
        subject=subject,
        documents=tuple(documents),
        details={**told, **notes.details},
        about=about,
    )


def _outcome(status: int) -> Outcome:
    if status < 400:
        return "done"
    return "refused" if status < 500 else "failed"


def _brought_something(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return "authorization" in headers or "cookie" in headers


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
