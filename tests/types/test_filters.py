"""Filters tell by what the catalog says of a document whether it is searched."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.errors import ConfigurationError
from assistant.types import EVERYTHING, DocumentInfo, DocumentRef, Filters, Metadata, in_sources
from assistant.types.filters import folders_of, seconds

REF = DocumentRef("wiki", "hr/policies/leave.zip!/2024/a.pdf", "1", "Leave", "", "application/pdf")
INFO = DocumentInfo(REF, 1, 1, 1, 1, Metadata(modified="2024-03-01T00:00:00Z", language="en"))


def test_folders_of_a_key():
    assert folders_of("a.txt") == ("a.txt",)
    assert folders_of("hr/a.txt") == ("hr", "hr/a.txt")
    assert folders_of("a/m.zip!/b/c.eml!/d.txt") == (
        "a", "a/m.zip", "a/m.zip!/b", "a/m.zip!/b/c.eml", "a/m.zip!/b/c.eml!/d.txt",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("filters", "allowed"),
    [
        (EVERYTHING, True),
        (in_sources(None), True),
        (in_sources(["wiki"]), True),
        (in_sources([]), False),
        (Filters(media_types=("text/html",)), False),
        (Filters(paths=("hr/policies/leave.zip",)), True),
        (Filters(paths=("hr/policies/leave.zip!/",)), True),
        (Filters(paths=("hr/pol",)), False),
        (Filters(paths=("it", "/hr/")), True),
        (Filters(paths=("it", "/")), True),
        (Filters(languages=("de", "en")), True),
        (Filters(languages=("de",)), False),
        (Filters(modified_from="2024-03-01"), True),
        (Filters(modified_from="2024-03-01T00:00:01"), False),
        (Filters(modified_until="2024-03-01"), False),
        (Filters(modified_until="2024-03-01T01:00:00+00:30"), True),
        (Filters(documents=(REF.id,)), True),
        (Filters(documents=("other",)), False),
    ],
)
def test_every_field_narrows(filters, allowed):
    assert filters.allows(INFO) is allowed


def test_what_a_document_does_not_say_is_not_guessed():
    silent = replace(INFO, metadata=Metadata())
    assert EVERYTHING.allows(silent)
    assert not Filters(languages=("en",)).allows(silent)
    assert not Filters(modified_from="1970-01-01").allows(silent)
    assert not Filters(modified_until="2999-01-01").allows(silent)


def test_what_is_no_date_is_refused():
    with pytest.raises(ConfigurationError, match="'last week' is no date"):
        Filters(modified_from="last week")
    assert seconds("1970-01-02T00:00:00Z") == 86400
    assert seconds("") is None
