"""What BM25 sees of a chunk besides its text."""

from __future__ import annotations

import pytest

from assistant.adapters.points import address
from assistant.types import Access, DocumentRef


@pytest.mark.parametrize(
    ("key", "uri", "expected"),
    [
        ("hr/leave.pdf", "file:///srv/data/hr/leave.pdf", "hr/leave.pdf"),
        ("4711", "https://wiki.example/display/HR/Leave%20policy", "4711\n/display/HR/Leave policy"),
        ("https://www.example/en/pricing#vat", "https://www.example/en/pricing#vat", "/en/pricing#vat"),
    ],
)
def test_the_address_is_the_key_and_what_follows_the_server_in_a_web_address(key, uri, expected):
    assert address(DocumentRef("source", key, "1", "title", uri, "text/plain", Access())) == expected
