"""What the soak holds against the assistant: which answers it would call wrong, and how it counts time."""

from __future__ import annotations

import random
import time
from pathlib import Path

from tests.server_mode.faults import Outcome
from tests.server_mode.ledger import BOARD, Policy, Rights
from tests.server_mode.papers import Shelf, first_policy
from tests.server_mode.records import Records, Sample
from tests.server_mode.report import as_json, as_markdown, rows

KEY = "m1/doc00001.md"


def test_what_was_taken_away_may_be_seen_until_that_is_confirmed_and_not_after() -> None:
    rights = Rights(first_policy())
    begin = time.monotonic()
    assert rights.may_have("anna", KEY, begin, begin)
    rights.ask(rights.current.with_readers("m1", BOARD))
    asked = time.monotonic()
    assert rights.may_have("anna", KEY, asked, asked)  # either may hold
    rights.confirm()
    confirmed = time.monotonic()
    assert not rights.may_have("anna", KEY, confirmed, confirmed)
    assert rights.may_have("anna", KEY, asked, confirmed)  # a request that began before


def test_what_is_given_during_a_request_may_be_seen_by_it() -> None:
    rights = Rights(first_policy())
    begin = time.monotonic()
    assert not rights.may_have("dora", "a/doc00001.md", begin, begin)
    rights.ask(rights.current.with_groups("dora", frozenset({"a"})))
    assert rights.may_have("dora", "a/doc00001.md", begin, time.monotonic())


def test_a_rule_says_of_each_folder_what_the_policy_does() -> None:
    policy: Policy = first_policy().with_readers("m2", BOARD)
    rule = {one["glob"]: one["readers"] for one in policy.rule()["rules"]}
    assert (rule["m2/**"], rule["a/**"], rule["shared/**"]) == (["board"], ["a"], ["everyone"])


def test_a_document_is_recognised_by_its_key_and_by_what_stands_in_it(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "papers", random.Random(1), 1)
    first, second = shelf.there()[:2]
    assert shelf.shown_in(f'{{"key": "{first.key}", "text": "it is {second.marker}."}}') == {first.key, second.key}
    assert shelf.shown_in(f"project {first.name}") == set()


def test_a_fault_is_over_with_the_last_probe_that_failed() -> None:
    records = Records()
    records.probes += [
        Sample("search", 9.0, 9.1),
        Sample("search", 10.5, 14.0, "502 of nginx"),
        Sample("search", 15, 16),
    ]
    records.samples += [Sample("ask", 11.0, 12.0, "broken off"), Sample("ask", 21.0, 22.0), Sample("ask", 1.0, 2.0)]
    outcomes = [Outcome("kill -9 api-1", 10.0, 20.0, 3.5), Outcome("kill -9 api-1", 20.0, 30.0, None)]
    (row,) = rows(outcomes, records, ("search",))
    assert (row.times, row.search, row.model, row.documents, row.asked, row.failed) == (2, 4.0, None, None, 2, 1)
    records.lost.append("a/doc00001.md: gone")
    found = as_json([row], outcomes, records, {})
    assert (found["failed"], found["failed_without_fault"], found["lost_documents"]) == (1, 0, records.lost)
    assert "| kill -9 api-1 | 2 | 4.0 s | not run | not run | never | 1 of 2 (50.0%) |" in as_markdown([row], found)
