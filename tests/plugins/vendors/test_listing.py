"""Listings: all, then changes, then all again; broken ones go on and delete nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from assistant.errors import NotFoundError, SourceError, SourceUnreachableError
from assistant.types import Access, Change, Changed, Checkpoint
from plugins.vendors import Item, Page, earlier, listing

HOUR = 3600.0


@dataclass
class Vendor:
    """Places with documents by the number of their change; `rights` by place."""

    places: dict[str, dict[str, int]] = field(default_factory=dict)
    rights: dict[str, str] = field(default_factory=dict)
    breaks_in: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)

    def changes(self, cursor: str | None, now: float) -> tuple[set[str], Checkpoint, list[Change]]:
        found: list[Change] = []
        try:
            found.extend(listing("V", cursor, self._places, self._pages, 24 * HOUR, 1.7e9 + now))
        except SourceUnreachableError:
            assert self.breaks_in
        last = [change for change in found if isinstance(change, Checkpoint)][-1]
        return {change.key for change in found if isinstance(change, Changed)}, last, found

    def _places(self) -> dict[str, str]:
        return {place: self.rights.get(place, "r") for place in self.places}

    def _pages(self, place: str, since: str) -> Iterator[Page]:
        self.asked.append((place, since))
        known = sorted(self.places[place].items(), key=lambda one: one[1])
        for key, change in known:
            if not since or change >= int(since):
                yield Page((Item(f"{place}/{key}", str(change)),), str(change))
                if self.breaks_in == place:
                    raise SourceUnreachableError("down")


def test_all_then_what_changed_then_all_again() -> None:
    vendor = Vendor({"p": {"a": 1, "b": 2}, "q": {}})
    seen, first, found = vendor.changes(None, 0)
    assert (seen, first.complete, found[-1]) == ({"p/a", "p/b"}, True, first)
    vendor.places["p"]["a"] = 3
    vendor.places["q"]["c"] = 4
    seen, second, _ = vendor.changes(first.cursor, HOUR)
    assert (seen, second.complete) == ({"p/a", "p/b", "q/c"}, False)  # b at the time that the cursor holds
    assert vendor.changes(second.cursor, 2 * HOUR)[0] == {"p/a", "q/c"}
    assert vendor.changes(second.cursor, 25 * HOUR)[1].complete


def test_what_changes_again_while_it_is_listed_is_found_by_the_next_sync() -> None:
    def pages(_: str, since: str) -> Iterator[Page]:
        yield Page((Item("a", "1"),), "1")
        yield Page((Item("b", "2"),), "2")
        yield Page((Item("a", "3"),), "3")  # a listing may take hours, and no overlap goes back as far
        yield Page((Item("c", "9"),), "9")

    found = list(listing("V", None, lambda: {"p": "r"}, pages, 24 * HOUR, 1.7e9))
    assert [change.key for change in found if isinstance(change, Changed)] == ["a", "b", "c"]
    asked: list[str] = []

    def later(_: str, since: str) -> Iterator[Page]:
        asked.append(since)
        yield Page((), "9")

    assert isinstance(found[-1], Checkpoint)
    list(listing("V", found[-1].cursor, lambda: {"p": "r"}, later, 24 * HOUR, 1.7e9 + HOUR))
    assert asked == ["2"]


def test_other_readers_of_a_place_list_it_anew_and_no_other() -> None:
    vendor = Vendor({"p": {"a": 1, "b": 2}, "q": {"c": 1, "d": 2}})
    cursor = vendor.changes(None, 0)[1].cursor
    vendor.rights["p"] = "other"
    seen, end, _ = vendor.changes(cursor, HOUR)
    assert (seen, end.complete) == ({"p/a", "p/b", "q/d"}, False)


def test_a_place_that_went_takes_its_documents_along() -> None:
    vendor = Vendor({"p": {"a": 1}, "q": {"c": 1}})
    cursor = vendor.changes(None, 0)[1].cursor
    del vendor.places["q"]
    seen, end, _ = vendor.changes(cursor, HOUR)
    assert (seen, end.complete) == ({"p/a"}, True)


def test_a_broken_listing_goes_on_deletes_nothing_and_the_next_lists_all() -> None:
    vendor = Vendor({"p": {"a": 1, "b": 2}, "q": {"c": 1, "d": 2}}, breaks_in="q")
    seen, mark, _ = vendor.changes(None, 0)
    assert seen == {"p/a", "p/b", "q/c"}
    vendor.breaks_in = ""
    vendor.asked.clear()
    seen, end, _ = vendor.changes(mark.cursor, HOUR)
    assert vendor.asked == [("p", "2"), ("q", "1")]
    assert (seen, end.complete) == ({"p/b", "q/c", "q/d"}, False)
    assert vendor.changes(end.cursor, HOUR)[1].complete
    del vendor.places["p"]
    _, end, _ = vendor.changes(mark.cursor, HOUR)
    assert not end.complete
    assert vendor.changes(end.cursor, HOUR)[1].complete


def test_broken_changes_do_not_put_off_the_next_whole_listing() -> None:
    vendor = Vendor({"p": {"a": 1}, "q": {"c": 1}})
    cursor = vendor.changes(None, 0)[1].cursor
    vendor.breaks_in = "q"
    mark = vendor.changes(cursor, HOUR)[1]
    vendor.breaks_in = ""
    end = vendor.changes(mark.cursor, 2 * HOUR)[1]
    assert not vendor.changes(end.cursor, 23 * HOUR)[1].complete
    assert vendor.changes(end.cursor, 25 * HOUR)[1].complete


@pytest.mark.parametrize("cursor", ["x", "[]", '{"places": {"p": 1}, "listed": 0, "partial": false}', '{"places": {}}'])
def test_a_cursor_of_another_source_lists_all(cursor: str) -> None:
    assert Vendor({"p": {"a": 1}}).changes(cursor, 0)[0] == {"p/a"}


def test_what_is_not_there_or_makes_no_sense_is_an_error_of_the_source() -> None:
    def gone() -> dict[str, str]:
        raise NotFoundError("no such project")

    with pytest.raises(SourceError, match="no such project"):
        list(listing("V", None, gone, lambda _, __: iter(()), 0, 0))
    with pytest.raises(SourceError, match="V answers otherwise"):
        list(listing("V", None, lambda: {"p": "r"}, lambda _, __: iter([{}["x"]]), 0, 0))


def test_readers_come_with_the_listing_and_where_they_cease_the_version_is_another() -> None:
    access = Access(frozenset({"user:ann"}))
    assert Item("k", "1", access).change == Changed("k", "1", access)
    assert Item("k", "1").change == Changed("k", "1 rule")
    assert Item("k", None).change == Changed("k")


def test_times_are_told_in_utc_and_only_with_their_zone() -> None:
    assert earlier("2026-03-01T01:00:00.000+0200", 3600).isoformat() == "2026-02-28T22:00:00+00:00"
    with pytest.raises(ValueError, match="no time zone"):
        earlier("2026-03-01T01:00:00")
