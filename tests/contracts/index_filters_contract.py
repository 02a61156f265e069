"""What every `Index` must do with filters, and with points that earlier code wrote: `IndexContract` inherits it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from assistant.interfaces import Index
from assistant.types import LOCAL_OPERATOR, Access, Chunk, DocumentRef, Filters, Metadata, Ranking, User, in_sources
from assistant.types.index_points import IndexPoint

HR = User("alice", frozenset({"hr"}))
_QUERY = np.eye(1, 8, 0, dtype=np.float32)[0]
_LIKE = np.eye(1, 6, 0, dtype=np.float32)[0]
_OLD = {"layout", "media_type", "language", "folders", "modified"}  # what the first layout did not have
_KEYS = {
    "pdf": ("hr/policies/leave.pdf", "application/pdf", "en", "2024-03-01T00:00:00Z"),
    "german": ("hr/policies/de/urlaub.md", "text/markdown", "de", "2025-06-15T12:00:00Z"),
    "member": ("hr/old.zip!/mails/a.eml", "message/rfc822", "fr", "2023-12-31T23:59:59Z"),
    "neighbour": ("hr/policies-draft/leave.pdf", "application/pdf", "en", ""),
    "silent": ("notes.txt", "text/plain", "", ""),
}


def document(name: str) -> DocumentRef:
    key, media_type, _, _ = _KEYS[name]
    readers = Access(frozenset({"group:hr"} if name == "german" else {"group:everyone", "group:hr"}))
    return DocumentRef("folder", key, "1", "", f"file:///{key}", media_type, readers)


def _fill(index: Index) -> None:
    """Write each document as one chunk and one picture, all of them equally near to the query."""
    for name, (_, _, language, modified) in _KEYS.items():
        of, said = document(name), Metadata(language=language, modified=modified)
        index.write(of, [Chunk(of.id, 0, 0, 4, "word", pictures=(1,))], _QUERY[None], said)
        index.write_pictures(of, [Chunk(of.id, 1, 0, 4, "word", pictures=(1,))], _LIKE[None], said)


def _names(index: Index, filters: Filters, user: User = LOCAL_OPERATOR, limit: int = 20) -> set[str]:
    """Return what both searches find; they have to agree."""
    known = {document(name).id: name for name in _KEYS}
    chunks = {known[hit.document_id] for hit in index.search(_QUERY, "word", user, limit, filters)}
    pictures = {known[hit.document_id] for hit in index.search_pictures(_LIKE, user, limit, filters)}
    assert chunks == pictures
    return chunks


def _age(index: Index, names: set[str]) -> None:
    """Turn the points of these documents into what the first layout wrote."""
    older: list[IndexPoint] = []
    for point in index.read_points([document(name).id for name in names]):
        fields: Mapping[str, Any] = {name: value for name, value in point.payload.items() if name not in _OLD}
        older.append(replace(point, payload=fields))
    for name in names:
        index.delete(document(name).id)
    index.write_points(older)


class IndexFiltersContract:
    """The suite; its fixtures are those of `IndexContract`."""

    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            (Filters(), set(_KEYS)),
            (Filters(sources=("folder",)), set(_KEYS)),
            (Filters(sources=("other",)), set()),
            (Filters(sources=()), set()),
            (Filters(media_types=("application/pdf",)), {"pdf", "neighbour"}),
            (Filters(media_types=("text/plain", "text/markdown")), {"silent", "german"}),
            (Filters(paths=("hr",)), {"pdf", "german", "member", "neighbour"}),
            (Filters(paths=("/hr/policies/",)), {"pdf", "german"}),
            (Filters(paths=("hr/policies/de", "notes.txt")), {"german", "silent"}),
            (Filters(paths=("hr/old.zip",)), {"member"}),
            (Filters(paths=("hr/old.zip!/mails",)), {"member"}),
            (Filters(paths=("hr/pol",)), set()),
            (Filters(languages=("en",)), {"pdf", "neighbour"}),
            (Filters(languages=("de", "fr")), {"german", "member"}),
            (Filters(modified_from="2024-03-01"), {"pdf", "german"}),
            (Filters(modified_until="2024-03-01"), {"member"}),
            (Filters(modified_from="2024-03-01T00:00:01Z", modified_until="2026-01-01"), {"german"}),
            (Filters(modified_from="2025-06-15T14:00:00+02:00"), {"german"}),
            (Filters(documents=(document("pdf").id, document("silent").id)), {"pdf", "silent"}),
            (Filters(paths=("hr",), languages=("en",), media_types=("application/pdf",)), {"pdf", "neighbour"}),
        ],
    )
    def test_each_filter(self, index, filters, expected):
        _fill(index)
        assert _names(index, filters) == expected
        assert _names(index, filters, HR) == expected  # may read all
        assert "german" not in _names(index, filters, User("bob", frozenset({"everyone"})))
        assert _names(index, filters, User("eve")) == set()

    def test_filters_work_before_the_limit(self, index):
        _fill(index)
        for number in range(150):
            of = replace(document("pdf"), key=f"{number}.pdf")
            index.write(of, [Chunk(of.id, 0, 0, 4, "word")], _QUERY[None], Metadata(language="en"))
        far = np.eye(1, 8, 5, dtype=np.float32)
        of = replace(document("silent"), key="far/away.txt")
        index.write(of, [Chunk(of.id, 0, 0, 4, "none")], far, Metadata("", "", "2025-01-01T00:00:00Z", "it"))
        for narrow in (
            Filters(languages=("it",)), Filters(paths=("far",)), Filters(documents=(of.id,)),
            Filters(modified_from="2025-01-01", modified_until="2025-01-02"),
        ):  # fmt: skip
            assert [hit.document_id for hit in index.search(_QUERY, "word", LOCAL_OPERATOR, 1, narrow)] == [of.id]

    def test_what_earlier_code_wrote_is_never_filtered_away(self, index):
        _fill(index)
        assert index.outdated() == set()
        _age(index, {"german", "member"})
        assert index.outdated() == {document("german").id, document("member").id}
        assert _names(index, Filters(languages=("de",))) == {"german", "member"}  # the catalog sorts them out
        assert _names(index, Filters(modified_until="2000-01-01")) == {"german", "member"}
        assert _names(index, Filters(paths=("hr/policies",)), User("bob", frozenset({"everyone"}))) == {
            "pdf", "member",
        }  # fmt: skip
        assert _names(index, in_sources(["other"])) == set()

    def test_renewing_brings_it_to_the_layout_of_today(self, index):
        _fill(index)
        names = {document(name).id: name for name in _KEYS}
        before = {point.id: point for name in names for point in index.read_points([name])}
        _age(index, set(_KEYS))
        for document_id in index.outdated():
            _, _, language, modified = _KEYS[names[document_id]]
            index.renew(document(names[document_id]), Metadata(language=language, modified=modified))
        assert index.outdated() == set()
        assert {point.id: point for name in names for point in index.read_points([name])} == before
        assert _names(index, Filters(languages=("de",))) == {"german"}

    def test_renewing_a_version_leaves_the_others_as_they_are(self, index):
        _fill(index)
        old, new = document("pdf"), replace(document("pdf"), version="2", title="the newer")
        said = Metadata(language="it", modified="2025-01-01T00:00:00Z")
        index.write(new, [Chunk(new.id, 0, 0, 4, "word")], _QUERY[None], said)
        index.write_pictures(new, [Chunk(new.id, 1, 0, 4, "word", pictures=(1,))], _LIKE[None], said)

        def stored() -> dict[str, dict[str, IndexPoint]]:
            found = index.read_points([old.id])
            return {v: {p.id: p for p in found if p.payload["version"] == v} for v in (old.version, new.version)}

        before = stored()
        index.renew(replace(old, title="zymurgy"), Metadata(language="fr"))
        after = stored()
        assert after[new.version] == before[new.version]
        assert [len(points) for points in after.values()] == [2, 2]
        assert {point.payload["language"] for point in after[old.version].values()} == {"fr"}
        found = [hit.version for hit in index.search(_QUERY, "zymurgy", LOCAL_OPERATOR, 20) if hit.words]
        assert found == [old.version]

    def test_renewing_makes_nothing_of_what_is_gone(self, index):
        _fill(index)
        index.delete(document("pdf").id)
        index.renew(document("pdf"), Metadata())
        assert "pdf" not in _names(index, Filters())

    def test_a_hit_says_what_each_search_found(self, index):
        near, worded = document("pdf"), document("german")
        index.write(near, [Chunk(near.id, 0, 0, 5, "other")], _QUERY[None])
        index.write(worded, [Chunk(worded.id, 0, 0, 7, "zymurgy")], np.eye(1, 8, 1, dtype=np.float32))
        found = {hit.document_id: hit for hit in index.search(_QUERY, "zymurgy", LOCAL_OPERATOR, 5)}
        assert found[near.id].similarity == pytest.approx(1.0, abs=1e-3)
        assert found[near.id].words == 0
        assert found[worded.id].similarity == pytest.approx(0.0, abs=1e-3)
        assert found[worded.id].words > 0
        assert 0 <= found[near.id].score <= 1

    def test_either_search_can_be_used_alone(self, index):
        near, worded = document("pdf"), document("german")
        index.write(near, [Chunk(near.id, 0, 0, 5, "other")], _QUERY[None])
        index.write(worded, [Chunk(worded.id, 0, 0, 7, "zymurgy")], np.eye(1, 8, 1, dtype=np.float32))

        def order(how: Ranking, text: str = "zymurgy") -> list[str]:
            return [hit.document_id for hit in index.search(_QUERY, text, LOCAL_OPERATOR, 5, how=how)]

        assert order(Ranking("meaning")) == [near.id, worded.id]
        assert order(Ranking("words")) == [worded.id]
        assert order(Ranking("words"), "?") == []
        assert set(order(Ranking("ranks"))) == {near.id, worded.id}
        assert order(Ranking(meaning_weight=0.9))[0] == near.id
        assert order(Ranking(meaning_weight=0.1))[0] == worded.id
