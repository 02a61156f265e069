"""What `assistant doctor` finds that it can mend itself, with `--fix`: each finding comes with what mends it."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from assistant.access.stored_text import text_key
from assistant.adapters.folder_lock import FolderLock
from assistant.adapters.index_removal import remove_edge_index
from assistant.adapters.owner_wire import owner_file, read_owner
from assistant.app import App, Reindexing
from assistant.app.opening import index_folder
from assistant.backup.restore import MARKER
from assistant.catalog.database import HEAD
from assistant.catalog.indexes import FIRST
from assistant.catalog.schema import Standing, revisions
from assistant.cli.wording import counted
from assistant.errors import HomeInUseError
from assistant.ingest.owners import may_be_alive
from assistant.settings import Settings
from assistant.types import LOCAL_OPERATOR

_OTHERS, _ALL = 0o077, 0o007
_FEW, _SHARE = 10, 0.1  # of the index's documents, that the catalog may not know: so many at least, of all at most
_OTHER_CATALOG = "see that catalog_url names this home's catalog; where that is lost, restore a backup"
Mend = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Found:
    """Something that is not as it should be.

    Attributes:
        detail: what it is.
        hint: the next step of who does it by hand.
        mend: does it; None: only a person can.
        state: whether the assistant works with it all the same.
    """

    detail: str
    hint: str
    mend: Mend | None = None
    state: Literal["warning", "broken"] = "broken"


def exposed(settings: Settings) -> Found | None:
    """Look at who else may read the home and what in it is secret: the settings file, the key, the owner's token."""
    # in a home that others cannot enter they cannot read its files either, but a copy keeps the modes of files
    opened = [one for one in _secret_places(settings, of_the_home=True) if one.stat().st_mode & _OTHERS]
    if not opened:
        return None

    def close() -> None:
        for one in opened:
            one.chmod(one.stat().st_mode & ~_OTHERS)

    named = ", ".join(str(one) for one in opened)
    return Found(f"others may read {named}", f"`chmod go= {' '.join(map(str, opened))}`", close, "warning")


def exposed_elsewhere(settings: Settings) -> Found | None:
    """Look at who may read a settings file outside of the home, or what in the home has another owner than the home.

    The user that the assistant runs as may read it by its group: only a person knows who that is.
    """
    opened = [one for one in _secret_places(settings, of_the_home=False) if one.stat().st_mode & _ALL]
    if not opened:
        return None
    named = " ".join(map(str, opened))
    hint = f"`chmod o= {named}`, where the user that the assistant runs as may read it as its owner or by its group"
    return Found(f"everybody may read {', '.join(map(str, opened))}", hint, None, "warning")


def _secret_places(settings: Settings, *, of_the_home: bool) -> list[Path]:
    """Return what this user owns of what is secret, either what belongs to the home and its owner, or the rest."""
    home = settings.home
    if not home.exists():
        return []
    places = [home, settings.config or home / "assistant.toml", home / "secret.key", owner_file(home)]
    ours = [one for one in places if one.exists() and one.stat().st_uid == os.getuid()]
    root, owner = home.resolve(), home.stat().st_uid
    return [one for one in ours if (one.resolve().is_relative_to(root) and one.stat().st_uid == owner) == of_the_home]


def unfinished_restore(settings: Settings) -> Found | None:
    """Look for a restore that was cut off: the home has no documents, or unchecked ones, until it is run again."""
    if not (settings.home / MARKER).exists():
        return None
    return Found("a restore into this home was cut off", "run the same `assistant restore` again")


def schema_behind(now: Standing, migrate: Mend) -> Found | None:
    """Look whether the catalog is of an older version, or of a newer one that this one can go on with."""
    if now.revision in {None, HEAD}:
        return None
    if now.revision in revisions():
        detail = f"the catalog has the schema {now.revision}, this version's is {HEAD}"
        return Found(detail, "`assistant migrate`, after a backup", migrate)
    detail = f"the catalog has the schema {now.revision}, of a newer version than this one ({HEAD})"
    if now.compatible_with in revisions():
        return Found(f"{detail}, which can go on with it", "replace this process soon", None, "warning")
    return Found(detail, "run the newer version")


def stale_owner(app: App) -> Found | None:
    """Look for the file of a server that was killed: it says where the index's owner listened.

    The process of an owner in another container is not seen here; that it lives, its lock says.
    """
    owner = read_owner(app.settings.home)
    if owner is None or Path(f"/proc/{owner.pid}").exists() or not Path("/proc/self").exists():
        return None
    file = owner_file(app.settings.home)

    def remove() -> None:
        with _owned(app):
            file.unlink(missing_ok=True)

    try:
        with _owned(app):
            detail = f"{file} names the process {owner.pid}, which is gone"
            return Found(detail, f"remove {file}", remove, "warning")
    except HomeInUseError:
        return None


@contextmanager
def _owned(app: App) -> Iterator[None]:
    """Hold the locks of the home's indexes, as an owner holds one; those that this process has open, it holds already.

    Raises:
        HomeInUseError: another process holds one.
    """
    from assistant.adapters.index_edge import EdgeIndex

    used = index_folder(app.settings, app.served.name)
    others = {one for one in (app.settings.home / "indexes").glob("*") if one.is_dir()}
    folders = {used, index_folder(app.settings, FIRST), *others}
    if isinstance(vars(app).get("index"), EdgeIndex):
        folders.remove(used)
    with ExitStack() as closing:
        for folder in sorted(folders):
            closing.callback(FolderLock(folder).release)
        yield


def dead_runs(app: App) -> Found | None:
    """Look for syncs whose process is gone. A running assistant takes them up itself within a minute."""
    gone = [owner for owner in app.catalog.jobs.lease_owners() if not may_be_alive(owner)]
    lost = [run for run in app.catalog.runs.open() if run.lister is not None and not may_be_alive(run.lister)]
    if not gone and not lost:
        return None

    def give_back() -> None:
        for owner in gone:
            app.catalog.jobs.release(owner, lost=True)
        for run in lost:
            app.catalog.runs.finish(run.id, "interrupted", "its process ended while it listed the source")

    detail = f"{counted(len(gone), 'worker')} ended over work, {counted(len(lost), 'run')} over the listing of a source"
    return Found(detail, "start the assistant, which takes it up", give_back)


def leftover_indexes(app: App) -> Found | None:
    """Look for what is left of indexes: given up and not deleted, or in a folder that the catalog knows nothing of."""
    records = app.catalog.indexes.all()
    dropped = [one.name for one in records if one.state == "dropped"]
    known = {one.name for one in records}
    place = app.settings.home / "indexes"
    folders = [one for one in sorted(place.glob("*")) if one.is_dir()] if app.settings.index == "edge" else []
    unknown = [one for one in folders if one.name.removesuffix(".new") not in known]
    if dropped or unknown:

        def delete() -> None:
            Reindexing(app).keep_level()
            for one in unknown:
                remove_edge_index(one)

        named = ", ".join([*dropped, *map(str, unknown)])
        detail = f"left of indexes that were given up: {named}"
        wanted, stored = app.catalog.indexes.documents(), app.index.versions()
        hint = _doubt(app, wanted, stored)
        if not hint and not any(name in stored for name in wanted):
            hint = _OTHER_CATALOG  # what searches use holds nothing of it: one of the others may be its index
        return Found(detail, hint or "start the assistant", None if hint else delete, "warning")
    building = [one.name for one in records if one.state in {"building", "ready"}]
    if building:
        named, first = ", ".join(building), building[0]
        hint = f"`assistant reindex` goes on with it, `assistant reindex --drop {first}` gives it up"
        return Found(f"half done: the index {named} is built beside the current one", hint, None, "warning")
    return None


def differing_index(app: App) -> Found | None:
    """Look whether the index holds the current version of each document, and nothing of documents that are gone.

    While a source is synced, versions are in the index that are about to become current: it is not looked at then.
    """
    if app.catalog.runs.open():
        return None
    mark = app.catalog.indexes.mark()
    wanted, stored = app.catalog.indexes.documents(), app.index.versions()
    if app.catalog.runs.open() or app.catalog.indexes.mark() != mark:
        return None  # a sync began meanwhile: what differs may be on its way
    lacking = {name for name, entry in wanted.items() if entry.chunks and entry.version not in stored.get(name, ())}
    gone = [name for name in stored if name not in wanted]
    if not lacking and not gone:
        return None
    sources = _sources_of(app, lacking)

    def level() -> None:
        for document in gone:
            app.index.delete(document)
        app.index.flush()
        for source in sources:
            app.ingestor.sync(source, "doctor", full=True)

    detail = f"the index lacks {counted(len(lacking), 'document')} of {', '.join(sources) or 'no source'}"
    detail += f", and holds {len(gone)} that the catalog does not know"
    hint = _doubt(app, wanted, stored)
    return Found(detail, hint or _synced(sources), None if hint else level)


def _doubt(app: App, wanted: Collection[str], stored: Collection[str]) -> str:
    """Return what to see to first where this may be another catalog than the index's; empty where nothing says so.

    Nothing is deleted then: an empty catalog, as a forgotten setting makes one, would have all of the index deleted.

    Args:
        app: the parts.
        wanted: the catalog's documents.
        stored: the index's.
    """
    if (app.settings.home / MARKER).exists():
        return "run the same `assistant restore` again"
    gone = sum(1 for name in stored if name not in wanted)
    is_other = gone > max(_FEW, len(stored) * _SHARE) or (gone > 0 and not wanted)
    return _OTHER_CATALOG if is_other else ""


def lost_texts(app: App) -> Found | None:
    """Look whether the stored text of each document is there, which full documents, previews and reindexing need."""
    there = set(app.blobs.keys("text"))
    documents = app.catalog.documents.readable(list(app.catalog.indexes.documents()), LOCAL_OPERATOR)
    lost = {name for name, info in documents.items() if text_key(info.ref) not in there}
    if not lost:
        return None
    sources = _sources_of(app, lost)
    detail = f"the text of {counted(len(lost), 'document')} of {', '.join(sources)} is not stored"
    hint = "restore a backup; or remove each document in the inventory, and sync its source in full"
    return Found(detail, hint)


def _sources_of(app: App, documents: set[str]) -> list[str]:
    known = app.catalog.documents.readable(sorted(documents), LOCAL_OPERATOR)
    return sorted({info.ref.source for info in known.values()})


def _synced(sources: list[str]) -> str:
    if not sources:
        return "start the assistant: what is left over is not shown to anybody"
    return "; ".join(f"`assistant sources sync {name} --full`" for name in sources)


def repairs(app: App) -> Iterator[tuple[str, Callable[[], Found | None]]]:
    """Yield the looks at an opened home, by name."""
    yield "index owner", partial(stale_owner, app)
    yield "runs", partial(dead_runs, app)
    yield "indexes", partial(leftover_indexes, app)
    yield "index and catalog", partial(differing_index, app)
    yield "stored texts", partial(lost_texts, app)
