"""Lists what changed at a vendor's since the last time, and from time to time all there is."""

from __future__ import annotations

import contextlib
import datetime
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from assistant.errors import NotFoundError, SourceError
from assistant.types import Access, Change, Changed, Checkpoint
from plugins.vendors.api import Refused

_OVERLAP = 300  # seconds: a server's index and its replicas lag behind
_Misfits = (KeyError, TypeError, AttributeError, ValueError, IndexError)


@dataclass(frozen=True, slots=True)
class Item:
    """A document that was listed, and who reads it.

    `mark` changes when its content does, None if nobody can tell; `access` is None where the source's rule decides.
    """

    key: str
    mark: str | None
    access: Access | None = None

    @property
    def change(self) -> Changed:
        """What a listing says of it: another mark also where the rule begins or ceases to decide."""
        is_ruled = " rule" if self.access is None and self.mark is not None else ""
        return Changed(self.key, self.mark and self.mark + is_ruled, self.access)


@dataclass(frozen=True, slots=True)
class Page:
    """Some documents of a place. With `reached`, all that changed before that time has been listed."""

    items: tuple[Item, ...]
    reached: str = ""


@dataclass(slots=True)
class _Cursor:
    """How far the last listing came.

    `places` holds, by place, the time up to which it was listed and the digest of its readers. `listed` is when
    everything was last listed, in seconds since 1970; `partial` where the listing did not come to its end.
    """

    places: dict[str, list[str]] = field(default_factory=dict)
    listed: float = 0.0
    partial: bool = False

    @classmethod
    def read(cls, cursor: str | None) -> _Cursor:
        """Return what a cursor says; one that is none of ours says nothing, and all is listed."""
        try:
            found = json.loads(cursor or "{}")
            places = {str(place): [str(since), str(rights)] for place, (since, rights) in found["places"].items()}
            return cls(places, float(found["listed"]), bool(found["partial"]))
        except _Misfits:
            return cls()

    def written(self, *, partial: bool) -> str:
        """Return it as text."""
        told = {"places": self.places, "listed": self.listed, "partial": partial}
        return json.dumps(told, separators=(",", ":"), sort_keys=True)


def listing(
    vendor: str,
    cursor: str | None,
    places: Callable[[], Mapping[str, str]],
    pages: Callable[[str, str], Iterator[Page]],
    relist_seconds: float,
    now: float,
) -> Iterator[Change]:
    """Yield what a source's `changes` has to, with a checkpoint wherever a broken listing could go on.

    A place whose readers have changed is listed from its begin. Everything is listed where a place went, or
    `relist_seconds` after it last was: only then is what was deleted seen.

    Args:
        vendor: its name in messages.
        cursor: of the last listing.
        places: returns the places (projects, spaces, ...) with the digests of their readers.
        pages: yields what changed in a place at or after a time, all for ""; oldest first if it says how far it came.
        relist_seconds: 0 lists everything every time.
        now: seconds since 1970.

    Raises:
        SourceError: what the vendor answers makes no sense, or a place is gone.
    """
    with reading(vendor):
        yield from _listed(_Cursor.read(cursor), places(), pages, relist_seconds, now)


@contextlib.contextmanager
def reading(vendor: str) -> Iterator[None]:
    """Raise SourceError where a source as a whole cannot be read: what is asked for is not there, or not allowed."""
    try:
        with understood(vendor):
            yield
    except (NotFoundError, Refused) as error:
        hint = "check address and names in the configuration, and the token's rights"
        raise SourceError(error.message, hint) from error


@contextlib.contextmanager
def understood(vendor: str) -> Iterator[None]:
    """Raise SourceError where what a vendor answered is not what its API is described to answer."""
    try:
        yield
    except _Misfits as error:
        raise SourceError(
            f"{vendor} answers otherwise than its API is described: {type(error).__name__}: {error}",
            "check the address; if it is right, report this",
        ) from error


def _listed(
    before: _Cursor,
    places: Mapping[str, str],
    pages: Callable[[str, str], Iterator[Page]],
    relist_seconds: float,
    now: float,
) -> Iterator[Change]:
    gone = before.places.keys() - places.keys()
    whole = not before.partial and (bool(gone) or now - before.listed >= relist_seconds)
    after = _Cursor(listed=now if whole else 0.0 if gone else before.listed)
    if not whole:
        after.places = {place: known for place, known in before.places.items() if places.get(place) == known[1]}
    seen: dict[str, str | None] = {}
    for place, rights in places.items():
        is_late = False
        for page in pages(place, after.places.get(place, [""])[0]):
            for item in page.items:
                if item.key not in seen:
                    seen[item.key] = item.mark
                    yield item.change
                elif seen[item.key] != item.mark:  # it changed meanwhile: the next sync begins before that
                    is_late = True
            if page.reached and not is_late:
                after.places[place] = [page.reached, rights]
                yield Checkpoint(_Cursor(after.places, 0.0 if whole else after.listed).written(partial=True))
        after.places.setdefault(place, ["", rights])
    yield Checkpoint(after.written(partial=False), complete=whole)


def earlier(moment: str, seconds: float = _OVERLAP) -> datetime.datetime:
    """Return the time some seconds before one in ISO 8601, in UTC; raises ValueError where it is none."""
    parsed = datetime.datetime.fromisoformat(moment)
    if parsed.tzinfo is None:
        raise ValueError(f"{moment} is in no time zone")
    return (parsed - datetime.timedelta(seconds=seconds)).astimezone(datetime.UTC)
