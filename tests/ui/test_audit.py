"""The page of the audit log: what the API says becomes rows, sentences and a check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ui import audit_texts
from ui.audit import Entry, Verdict
from ui.audit_calls import AuditCalls
from ui.calls import ApiError
from ui.views.audit import _table


def entry(**change: Any) -> dict[str, Any]:
    return {
        "number": 7,
        "at": 1_700_000_000.5,
        "action": "document opened",
        "outcome": "done",
        "who": "ann",
        "actor": "p",
        "subject": "",
        "channel": "api",
        "address": "192.0.2.7",
        "agent": "Browser",
        "login": "",
        "request": "r",
        "documents": ["d"],
        "details": {"route": "GET /x", "status": 200, "source": "s", "key": "<b>.txt"},
        "about": {},
        "erased": False,
        "subject_erased": False,
        "unreadable": "",
        **change,
    }


def verdict(**change: Any) -> dict[str, Any]:
    ends = {"anchor": {"number": 2, "digest": "a"}, "head": {"number": 9, "digest": "b"}}
    given = {"good": True, "broken": None, "why": "", "entries": 7, "seal": "good", "seal_breaks": []}
    return {**ends, **given, **change}


def calls(answer: Callable[[httpx.Request], httpx.Response]) -> AuditCalls:
    made = AuditCalls("http://127.0.0.1:1")
    made._http = httpx.Client(base_url="http://127.0.0.1:1", transport=httpx.MockTransport(answer))
    return made


def test_the_client_reads_pages_exports_and_checks() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url.copy_with(host="h", port=None)))
        if request.url.path.endswith("export"):
            return httpx.Response(200, content=b"lines")
        if request.url.path.endswith("verify"):
            return httpx.Response(200, json=verdict())
        return httpx.Response(200, json={"entries": [entry()], "next": 7})

    with calls(answer) as client:
        found, more = client.audit({"who": "ann"}, None, 50)
        assert ([one.number for one in found], more) == ([7], 7)
        assert client.audit_export({"action": "searched"}) == b"lines"
        assert client.audit_verify("9:b").head == "9:b"
    assert asked == [
        "http://h/api/audit?who=ann&limit=50",
        "http://h/api/audit/export?action=searched",
        "http://h/api/audit/verify?head=9%3Ab",
    ]


def test_who_may_not_read_it_is_told() -> None:
    refused = {
        "error": "only auditors and admins read the audit log",
        "hint": "ask an admin",
        "code": "AccessDeniedError",
    }
    with calls(lambda _: httpx.Response(403, json=refused)) as client, pytest.raises(ApiError, match="only auditors"):
        client.audit({}, None, 50)


def test_rows_say_what_was_done_and_are_no_markup() -> None:
    shown = _table([Entry.read(entry())])
    for text in ("2023-11-14 22:13:20", "ann (192.0.2.7)", "document opened", "Done", "source s, key &lt;b&gt;.txt"):
        assert text in shown
    assert "<b>" not in shown


def test_erased_and_unreadable_entries_say_so() -> None:
    gone = Entry.read(entry(who="", address="", erased=True, details={}))
    assert (audit_texts.who(gone), audit_texts.told(gone)) == ("erased person", "1 document")
    locked = Entry.read(entry(who="", address="", details={}, documents=[], unreadable="it needs the key 1"))
    assert (audit_texts.who(locked), audit_texts.told(locked)) == ("unreadable", "it needs the key 1")
    done_to = Entry.read(entry(subject="bob", details={}, about={"person": "bob", "groups": "hr"}, documents=[]))
    assert audit_texts.told(done_to) == "to bob, groups hr"
    lost = Entry.read(entry(subject="", subject_erased=True, details={}, documents=[]))
    assert audit_texts.told(lost) == "to erased person"


def test_a_check_is_told_in_a_sentence() -> None:
    good = audit_texts.verdict(Verdict.read(verdict()))
    assert good == "7 entries from 3 on were checked. Keep this elsewhere for the next check: 9:b"
    bad = Verdict.read(verdict(good=False, broken=4, why="it was changed", seal="no", seal_breaks=[8]))
    told = audit_texts.verdict(bad)
    assert told.startswith("Entry 4: it was changed. The seal does not hold: no. The seal did not hold before: 8.")
