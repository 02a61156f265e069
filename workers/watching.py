"""Watches the folders of sources that want it, and asks for a sync when something in them changes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from assistant.catalog import Catalog
from assistant.errors import AssistantError
from assistant.registry import PluginRegistry

log = logging.getLogger(__name__)
_LOOK_SECONDS = 5.0  # until the catalog, or a folder that is not there, is looked at again
_AGAIN_SECONDS = 60.0  # until a folder that cannot be watched is tried again
_QUIET_MS = 1000  # without a change, after which a sync is asked for
_LONGEST_MS = 10_000  # that a sync waits for quiet


class Watcher:
    """Watches all active sources whose configuration says `watch`. One at a time: it belongs to the beat that leads.

    Args:
        catalog: says which sources there are; looked at every few seconds.
        registry: makes them; the method `watched` of a source returns its folder.
        ask: asks for a sync of the source of that name.
        look_seconds: see above.
        is_wanted: while it says no, nothing is watched, and the catalog not looked at.
    """

    def __init__(
        self,
        catalog: Callable[[], Catalog],
        registry: PluginRegistry,
        ask: Callable[[str], None],
        look_seconds: float = _LOOK_SECONDS,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        self._catalog, self._registry, self._ask = catalog, registry, ask
        self._look_seconds, self._is_wanted = look_seconds, is_wanted
        self._over = threading.Event()
        self._watching: dict[tuple[str, Path], threading.Event] = {}
        self._threads: list[threading.Thread] = []
        self._main = threading.Thread(target=self._follow, name="watch-sources", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._main.start()

    def stop(self) -> None:
        """End, and wait for that."""
        self._over.set()
        self._main.join()
        for over in self._watching.values():
            over.set()
        for thread in self._threads:
            thread.join()

    def _follow(self) -> None:
        """Begin to watch what is new in the catalog, and end what is no longer wanted."""
        while not self._over.is_set():
            try:
                wanted = self._wanted() if self._is_wanted() else set()
            except AssistantError as error:  # e.g. the catalog is locked: what is watched stays so
                log.warning("the sources to be watched are not known now: %s", error)
                wanted = set(self._watching)
            for gone in self._watching.keys() - wanted:
                self._watching.pop(gone).set()
            for name, folder in wanted - self._watching.keys():
                over = self._watching[name, folder] = threading.Event()
                thread = threading.Thread(
                    target=self._watch, args=(name, folder, over), name=f"watch-{name}", daemon=True
                )
                self._threads = [one for one in self._threads if one.is_alive()] + [thread]
                thread.start()
            self._over.wait(self._look_seconds)

    def _wanted(self) -> set[tuple[str, Path]]:
        found: set[tuple[str, Path]] = set()
        for record in self._catalog().sources.all():
            if record.state != "active" or not record.config.get("watch"):
                continue
            try:
                source = self._registry.make_source(record.kind, dict(record.config))
            except AssistantError as error:
                log.warning("the source %s cannot be watched: %s", record.name, error)
                continue
            watched: Callable[[], Path | None] = getattr(source, "watched", lambda: None)
            try:
                folder = watched()
            except Exception as error:  # noqa: BLE001 - a plugin's; the others are watched all the same
                log.warning("the source %s cannot be watched: %s", record.name, error)
                continue
            if folder is not None:
                found.add((record.name, folder))
        return found

    def _watch(self, name: str, folder: Path, over: threading.Event) -> None:
        is_missing = False
        while not over.is_set():
            if not _is_there(folder):
                if not is_missing:
                    log.warning("the folder %s of the source %s is not there; it is waited for", folder, name)
                is_missing = True
                over.wait(self._look_seconds)
                continue
            is_missing = False
            try:
                self._until_gone(name, folder, over)
            except Exception as error:  # noqa: BLE001 - the library raises errors of the system and of its own core
                log.warning(
                    "the folder %s of the source %s cannot be watched, only its schedule finds what changes: %s"
                    " (raise fs.inotify.max_user_watches, if it is that)",
                    folder,
                    name,
                    error,
                )
                over.wait(_AGAIN_SECONDS)

    def _until_gone(self, name: str, folder: Path, over: threading.Event) -> None:
        """Ask for a sync at first and after each change, until the folder goes or nobody wants to know any more."""
        from watchfiles import Change, watch

        def is_wanted(_: Change, path: str) -> bool:
            inside = Path(path).relative_to(folder) if Path(path).is_relative_to(folder) else Path(path)
            return not any(part.startswith(".") for part in inside.parts)

        is_first = True
        for changes in watch(
            folder,
            watch_filter=is_wanted,
            step=_QUIET_MS,
            debounce=_LONGEST_MS,
            stop_event=over,
            rust_timeout=int(self._look_seconds * 1000),
            yield_on_timeout=True,
            raise_interrupt=False,
            ignore_permission_denied=True,
        ):
            if changes or is_first:  # what changed while nobody watched
                self._tell(name)
            is_first = False
            if not _is_there(folder):
                return

    def _tell(self, name: str) -> None:
        try:
            self._ask(name)
        except AssistantError as error:  # what cannot be asked for now comes with the schedule
            log.warning("a change in the source %s was seen, and no sync could be asked for: %s", name, error)


def _is_there(folder: Path) -> bool:
    """Whether it is a folder that can be looked at: a share that is away raises errors of many kinds."""
    try:
        return folder.is_dir()
    except OSError:
        return False
