"""What narrows a search beside the reader's rights: sources, types, folders, languages, dates, documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from assistant.errors import ConfigurationError
from assistant.types.documents import DocumentInfo, DocumentRef, Metadata

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Filters:
    """Only documents that fit every field are searched. A field that is left as it is does not narrow.

    A document that says nothing of its language or its date is not found where one is asked for.

    Args:
        sources: names of sources; None means all, and `()` finds nothing.
        media_types: such as `application/pdf`.
        paths: folders, archives or whole keys, such as `hr/policies`; a member lies under its archive or its mail.
        languages: ISO 639-1.
        modified_from: ISO 8601, a day or a time, inclusive; without a zone it counts as UTC.
        modified_until: likewise, exclusive.
        documents: ids of documents.

    Raises:
        ConfigurationError: a date is none.
    """

    sources: tuple[str, ...] | None = None
    media_types: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    modified_from: str = ""
    modified_until: str = ""
    documents: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for date in (self.modified_from, self.modified_until):
            if date and seconds(date) is None:
                raise ConfigurationError(f"{date!r} is no date", "write one as 2026-11-24 or 2026-11-24T12:00:00Z")

    @property
    def folders(self) -> tuple[str, ...]:
        """The paths as `folders_of` writes them; empty where one of them stands for everything."""
        trimmed = [path.strip("/").removesuffix("!") for path in self.paths]
        return tuple(trimmed) if all(trimmed) else ()

    @property
    def period(self) -> tuple[float | None, float | None]:
        """The dates in seconds since the epoch, None where there is none."""
        return seconds(self.modified_from), seconds(self.modified_until)

    def allows(self, info: DocumentInfo) -> bool:
        """Whether a document is among those that are searched."""
        ref, said = info.ref, info.metadata
        since, until = self.period
        when = seconds(said.modified)
        return (
            (self.sources is None or ref.source in self.sources)
            and (not self.media_types or ref.media_type in self.media_types)
            and (not self.folders or not set(self.folders).isdisjoint(folders_of(ref.key)))
            and (not self.languages or said.language in self.languages)
            and (since is None or (when is not None and when >= since))
            and (until is None or (when is not None and when < until))
            and (not self.documents or ref.id in self.documents)
        )


EVERYTHING = Filters()


def in_sources(names: tuple[str, ...] | list[str] | None) -> Filters:
    """Return the filter that leaves these sources; None means all."""
    return EVERYTHING if names is None else Filters(sources=tuple(names))


def folders_of(key: str) -> tuple[str, ...]:
    """Return the key, and every folder, archive and mail that it lies in, the outermost first.

    `a/m.zip!/b/c.txt` lies in `a`, `a/m.zip` and `a/m.zip!/b`.
    """
    parts = key.split("/")
    steps = ["/".join(parts[: end + 1]).removesuffix("!") for end in range(len(parts))]
    return tuple(dict.fromkeys(step for step in steps if step))


def seconds(date: str) -> float | None:
    """Return a date in ISO 8601 as seconds since the epoch, None where it is empty or none."""
    try:
        moment = datetime.fromisoformat(date.strip())
    except ValueError:
        return None
    return ((moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment) - _EPOCH).total_seconds()


def described(ref: DocumentRef, metadata: Metadata) -> dict[str, object]:
    """Return what an index keeps of a document to filter by; `modified` is left out where it is unknown."""
    fields: dict[str, object] = {
        "media_type": ref.media_type,
        "language": metadata.language,
        "folders": list(folders_of(ref.key)),
    }
    when = seconds(metadata.modified)
    return fields if when is None else {**fields, "modified": when}
