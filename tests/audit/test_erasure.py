"""Who is erased is erased from the audit log, and what is recorded of the erasure brings nobody back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from assistant.app import App
from assistant.app.keeping import personal_desk
from assistant.catalog import Act, AuditFilter
from assistant.types import LOCAL_OPERATOR
from tests.fakes.system import System


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    yield system
    system.close()


def test_erasing_a_person_destroys_the_key(system: System) -> None:
    log = system.catalog.audit
    system.catalog.people.add("ann", "Ann", [], "employee")
    log.append([Act("searched", "ann", details={"question": "a wish"}), Act("searched", "bob")])
    log.append([Act("person erased", "operator", "begun", subject="ann", about={"person": "ann"})])
    desk = personal_desk(cast(App, system), at_once=True)
    files = {one.name: one.data.decode() for one in desk.held("ann", LOCAL_OPERATOR)}
    assert ("a wish" in files["audit.json"], "bob" in files["audit.json"]) == (True, False)
    assert desk.erase("ann", LOCAL_OPERATOR).records == 2
    log.append([Act("person erased", "operator", subject="ann", about={"person": "ann", "more": "of ann"})])
    newest, _, begun, other, first = log.page(AuditFilter()).entries
    assert (first.erased, begun.subject_erased, other.who) == (True, True, "bob")
    assert (newest.subject, newest.about, newest.details) == ("", {}, {"subject": "ann"})  # only the id, which stays
    assert log.page(AuditFilter(who="ann")).entries == ()
    assert log.verify().good
