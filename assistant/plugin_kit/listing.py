"""Checks on how a source lists: whole, once, the same again, from a cursor on, with deletions and renames."""

from __future__ import annotations

from typing import Any

from assistant.errors import SourceError
from assistant.interfaces import DataSource
from assistant.plugin_kit.checks import Scene, check, fill, listed, require, synced
from assistant.types import Changed, Checkpoint

_MANY = 400
_KEYS = ("a.txt", "deep/er/b.txt", "c.txt")


@check("source")
def source_has_the_interface(scene: Scene) -> None:
    """It has `changes` and `fetch`."""
    require(isinstance(scene.source(), DataSource), "it has no `changes` or no `fetch`")


@check("source")
def listing_is_an_iterator(scene: Scene) -> None:
    """What `changes` returns is asked for one change after the other; a list would hold a huge source in memory."""
    changes: Any = scene.source().changes(None)
    require(iter(changes) is changes, f"`changes` returned a {type(changes).__name__}; write it as a generator")


@check("source")
def empty_source_completes(scene: Scene) -> None:
    """A source with nothing in it lists nothing, and says that this is all."""
    changes = list(scene.source().changes(None))
    require(not listed(changes), "it listed documents where there are none")
    require(changes and changes[-1] == Checkpoint(getattr(changes[-1], "cursor", ""), complete=True), "it did not end")


@check("source")
def listing_ends_complete(scene: Scene) -> None:
    """The first listing ends with `Checkpoint(complete=True)`, and nothing comes after that."""
    fill(scene, *_KEYS)
    changes = list(scene.source().changes(None))
    ends = [at for at, one in enumerate(changes) if isinstance(one, Checkpoint) and one.complete]
    require(ends, "no Checkpoint(complete=True) came, so that nothing would ever be deleted")
    require(ends == [len(changes) - 1], "changes came after Checkpoint(complete=True)")


@check("source")
def every_key_is_listed_once(scene: Scene) -> None:
    """All that is there is listed, each key once."""
    fill(scene, *_KEYS)
    found = set(listed(scene.source().changes(None)))
    require(found == set(_KEYS), f"it listed {sorted(found)} where there are {sorted(_KEYS)}")


@check("source")
def keys_keep_their_letters(scene: Scene) -> None:
    """A key with other letters than ASCII's is listed as it is, and can be fetched."""
    fill(scene, "ü/naïve ☃.txt")
    found = list(listed(scene.source().changes(None)))
    require(found == ["ü/naïve ☃.txt"], f"it listed {found}")
    scene.source().fetch("ü/naïve ☃.txt")


@check("source")
def many_documents_are_listed(scene: Scene) -> None:
    """Hundreds of documents are listed, over all pages of the source's answers."""
    keys = {f"many/{number:04}.txt" for number in range(_MANY)}
    fill(scene, *sorted(keys))
    found = set(listed(scene.source().changes(None)))
    require(found == keys, f"{len(keys - found)} of {_MANY} were not listed, {len(found - keys)} are not there")


@check("source")
def equal_documents_are_both_listed(scene: Scene) -> None:
    """Two documents with the same content are two documents."""
    scene.put("one.txt", b"same")
    scene.put("two.txt", b"same")
    require(
        set(listed(scene.source().changes(None))) == {"one.txt", "two.txt"}, "one of two equal documents is missing"
    )


@check("source")
def listing_again_says_the_same(scene: Scene) -> None:
    """Where nothing changed, another source lists the same keys with the same versions."""
    fill(scene, *_KEYS)
    require(
        listed(scene.source().changes(None)) == listed(scene.source().changes(None)),
        "keys or versions differ though nothing changed: every sync would fetch everything",
    )


@check("source")
def version_changes_with_the_content(scene: Scene) -> None:
    """A document with another content is listed with another version, or with None."""
    scene.put("a.txt", b"one")
    first = listed(scene.source().changes(None))["a.txt"]
    scene.put("a.txt", b"two!")
    second = listed(scene.source().changes(None))["a.txt"]
    require(first is None or first != second, f"the version stayed {first!r}: the change would never be seen")


@check("source")
def removed_documents_are_gone_from_the_listing(scene: Scene) -> None:
    """What was removed is not listed any more."""
    fill(scene, "a.txt", "b.txt")
    scene.remove("a.txt")
    require(set(listed(scene.source().changes(None))) == {"b.txt"}, "a removed document is listed, or another is not")


@check("source")
def listing_can_be_stopped(scene: Scene) -> None:
    """Who stops in the middle of a listing does no harm to the next one."""
    fill(scene, *_KEYS)
    source = scene.source()
    listing: Any = source.changes(None)
    next(iter(listing))
    if hasattr(listing, "close"):
        listing.close()
    require(set(listed(source.changes(None))) == set(_KEYS), "the listing after one that was stopped is not whole")


@check("source")
def listings_do_not_disturb_one_another(scene: Scene) -> None:
    """Two listings of one source at the same time are both whole."""
    fill(scene, *_KEYS)
    source = scene.source()
    pairs = list(zip(source.changes(None), source.changes(None), strict=True))
    for side in (0, 1):
        require(set(listed(pair[side] for pair in pairs)) == set(_KEYS), "a listing beside another one is not whole")


@check("source")
def fetching_does_not_disturb_a_listing(scene: Scene) -> None:
    """Documents can be fetched from the source that is being listed."""
    fill(scene, *_KEYS)
    source, found = scene.source(), set()
    for change in source.changes(None):
        if isinstance(change, Changed):
            found.add(change.key)
            source.fetch(change.key)
    require(found == set(_KEYS), "a listing during which documents are fetched is not whole")


@check("source")
def cursor_is_text(scene: Scene) -> None:
    """Checkpoints carry texts: they are stored."""
    fill(scene, "a.txt")
    for change in scene.source().changes(None):
        if isinstance(change, Checkpoint):
            require(isinstance(change.cursor, str), f"the cursor {change.cursor!r} is no text")


@check("source")
def nothing_new_after_the_cursor_changes_nothing(scene: Scene) -> None:
    """From the cursor on, where nothing changed, nothing is lost and nothing deleted."""
    fill(scene, *_KEYS)
    known, _, cursor = synced(scene.source(), None, ())
    again, _, _ = synced(scene.source(), cursor, known)
    require(again == set(_KEYS), f"after a second sync {sorted(again)} would be known instead of {sorted(_KEYS)}")


@check("source")
def changes_after_the_cursor_are_all_seen(scene: Scene) -> None:
    """Additions, changes and removals after the cursor are listed by a new source, as after a restart."""
    fill(scene, *_KEYS)
    known, _, cursor = synced(scene.source(), None, ())
    scene.put("new.txt", b"new")
    scene.put("a.txt", b"changed")
    scene.remove("c.txt")
    after, seen, _ = synced(scene.source(), cursor, known)
    require({"new.txt", "a.txt"} <= seen, f"of new.txt and a.txt only {sorted(seen)} were listed as changed")
    require(after == {"a.txt", "deep/er/b.txt", "new.txt"}, f"after the sync {sorted(after)} would be known")


@check("source")
def an_old_cursor_still_works(scene: Scene) -> None:
    """A cursor that is two syncs old leads to the same as the newest: a killed worker does not keep the newest."""
    fill(scene, "a.txt", "b.txt")
    known, _, cursor = synced(scene.source(), None, ())
    fill(scene, "c.txt")
    synced(scene.source(), cursor, known)
    scene.remove("b.txt")
    after, _, _ = synced(scene.source(), cursor, known)
    require(after == {"a.txt", "c.txt"}, f"from an old cursor {sorted(after)} would be known")


@check("source")
def a_listing_goes_on_from_each_of_its_checkpoints(scene: Scene) -> None:
    """What is listed before a checkpoint, and by another source from its cursor on, is all there is."""
    keys = {f"many/{number:04}.txt" for number in range(_MANY)}
    fill(scene, *sorted(keys))
    seen: set[str] = set()
    for change in scene.source().changes(None):
        if isinstance(change, Changed):
            seen.add(change.key)
        elif isinstance(change, Checkpoint) and not change.complete:
            rest = {one.key for one in scene.source().changes(change.cursor) if isinstance(one, Changed)}
            require(seen | rest == keys, f"{len(keys - seen - rest)} of {_MANY} are listed neither before nor after it")


@check("source")
def what_came_back_is_seen(scene: Scene) -> None:
    """A document that was removed and is there again is listed again."""
    fill(scene, "a.txt", "b.txt")
    known, _, cursor = synced(scene.source(), None, ())
    scene.remove("a.txt")
    known, _, cursor = synced(scene.source(), cursor, known)
    fill(scene, "a.txt")
    after, seen, _ = synced(scene.source(), cursor, known)
    require("a.txt" in seen, "a document that came back was not listed")
    require(after == {"a.txt", "b.txt"}, f"{sorted(after)} would be known")


@check("source")
def an_unknown_cursor_loses_nothing(scene: Scene) -> None:
    """A cursor that the source does not know is refused, or everything is listed; nothing is taken for deleted."""
    fill(scene, *_KEYS)
    try:
        after, _, _ = synced(scene.source(), "no cursor of this source", _KEYS)
    except SourceError:
        return
    require(after == set(_KEYS), f"with a cursor that it does not know {sorted(after)} would be left")


@check("source", "rename")
def renamed_documents_have_their_new_key(scene: Any) -> None:
    """After a rename the new key is listed and the old one is gone."""
    fill(scene, "old.txt", "b.txt")
    known, _, cursor = synced(scene.source(), None, ())
    scene.rename("old.txt", "new.txt")
    after, _, _ = synced(scene.source(), cursor, known)
    require(after == {"new.txt", "b.txt"}, f"after a rename {sorted(after)} would be known")
    require(scene.source().fetch("new.txt").data == b"the text of old.txt\n", "the renamed document has other bytes")


@check("source", "rename")
def unmoved_is_the_same_after_a_rename(scene: Any) -> None:
    """`unmoved`, where there is one, says of both versions of a renamed document the same."""
    fill(scene, "old.txt")
    source = scene.source()
    before = listed(source.changes(None))["old.txt"]
    scene.rename("old.txt", "new.txt")
    after = listed(source.changes(None))["new.txt"]
    unmoved = getattr(source, "unmoved", None)
    if unmoved is not None and before is not None and after is not None:
        require(unmoved(before) == unmoved(after), f"unmoved says {unmoved(before)!r}, then {unmoved(after)!r}")
