"""The token counts of documents, on SQLite and Postgres."""

from __future__ import annotations

from assistant.catalog import Catalog
from assistant.catalog.documents import NewVersion
from assistant.types import LOCAL_OPERATOR, DocumentInfo, DocumentRef, User


def documents(catalog: Catalog, number: int) -> list[str]:
    catalog.sources.add("s", "folder", {}, {})
    refs = [DocumentRef("s", f"{n}.md", "1", "", "", "text/plain") for n in range(number)]
    catalog.documents.make_current([NewVersion(DocumentInfo(r, 0, 1, 9, 3), None, "p", False) for r in refs])
    return [ref.id for ref in refs]


def test_counts_are_kept_by_tokenizer_and_document(catalog: Catalog) -> None:
    ids = documents(catalog, 1200)
    catalog.token_counts.keep("llama", {key: ("d", n) for n, key in enumerate(ids)})
    catalog.token_counts.keep("other", {ids[0]: ("d", 7)})
    found = catalog.token_counts.get("llama", ids)
    assert [found[key].tokens for key in ids] == list(range(1200))
    assert {key: count.tokens for key, count in catalog.token_counts.get("other", ids).items()} == {ids[0]: 7}


def test_a_newer_count_takes_the_place_of_the_former(catalog: Catalog) -> None:
    (key,) = documents(catalog, 1)
    catalog.token_counts.keep("llama", {key: ("old", 1)})
    catalog.token_counts.keep("llama", {key: ("new", 2)})
    count = catalog.token_counts.get("llama", [key])[key]
    assert (count.digest, count.tokens) == ("new", 2)


def test_counts_of_documents_that_are_gone_are_forgotten(catalog: Catalog) -> None:
    first, second = documents(catalog, 2)
    catalog.token_counts.keep("llama", {first: ("d", 1), second: ("d", 2)})
    catalog.documents.forget([first])
    catalog.token_counts.keep("llama", {second: ("e", 3)})
    assert list(catalog.token_counts.get("llama", [first, second])) == [second]
    catalog.token_counts.keep("llama", {})


def test_the_length_of_all_that_may_be_read(catalog: Catalog) -> None:
    documents(catalog, 3)
    assert catalog.documents.tokens(LOCAL_OPERATOR) == catalog.documents.tokens(User("x", frozenset({"everyone"}))) == 9
    assert catalog.documents.tokens(User("x")) == catalog.documents.tokens(LOCAL_OPERATOR, ["other"]) == 0
