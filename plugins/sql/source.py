"""Makes a document of each row of a query."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from assistant.errors import DocumentTooLargeError, NotFoundError, SourceError
from assistant.types import Access, Change, Changed, Checkpoint, RawDocument
from plugins.sql.database import Database

Row = Mapping[str, Any]


class SqlConfig(BaseModel):
    """Which database, which query, and what its columns are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(
        title="Address",
        description="As SQLAlchemy writes it, without the password: postgresql+pg8000://ann@db.example.org/wiki.",
    )
    password: SecretStr = Field(SecretStr(""), title="Password", description="Of the user in the address.")
    query: str = Field(title="Query", description="One SELECT; each of its rows is a document.")
    key: str = Field("id", title="Key", description="The column that names a row: never empty, never twice.")
    title: str = Field("", title="Title", description="A column; empty: the key.")
    content: str = Field(
        "", title="Content", description="The column that is the document; empty: all columns, a line each."
    )
    media_type: str = Field("text/markdown", title="Type of the content", description="E.g. text/html.")
    version: str = Field(
        "", title="Version", description="A column that changes whenever the row does; empty: all of the row is read."
    )
    readers: str = Field(
        "",
        title="Readers",
        description="A column with the groups that may read the row (a list, or with commas; user:ID for a person; -"
        " before those who may not).",
    )
    link: str = Field("", title="Link", description="Where a row is shown to people, e.g. https://x.example/{id}.")
    max_bytes: int = Field(20_000_000, ge=1, title="Largest document", description="Bytes; a larger one is a failure.")

    @field_validator("url")
    @classmethod
    def _without_password(cls, url: str) -> str:
        if re.match(r"^[^/]+://[^/@]*:[^/@]*@", url):
            raise ValueError("put the password into its own field: an address is no secret")
        return url

    @field_validator("query")
    @classmethod
    def _reads(cls, query: str) -> str:
        if not re.match(r"\s*(select|with|values|table)\b", query, re.IGNORECASE):
            raise ValueError("it must be a SELECT")
        return query


class SqlSource:
    """Every row of the query is a document; each sync asks for all keys, with what tells whether a row has changed."""

    def __init__(self, config: SqlConfig) -> None:
        self._config = config
        self._database = Database(config.url, config.password.get_secret_value(), config.query)
        self._type: type | None = None  # of the key's column

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """See `interfaces.DataSource`: always all rows, so deletions need no log."""
        del cursor
        config, self._type = self._config, None  # the table may be another since
        columns = [config.key, config.version, config.readers] if config.version else []
        listed: set[str] = set()
        for row in self._database.rows([one for one in dict.fromkeys(columns) if one]):
            key = self._key(row)
            if key in listed:
                raise SourceError(f"the query gives the key {key!r} twice", "correct the query, or choose another key")
            listed.add(key)
            yield Changed(key, self._mark(row), self._access(row))
        yield Checkpoint("", complete=True)

    def fetch(self, key: str) -> RawDocument:
        """See `interfaces.DataSource`."""
        config = self._config
        found = next(self._database.rows([], config.key, self._typed(key), 1), None)
        if found is None or self._key(found) != key:
            raise NotFoundError(f"no row has the key {key!r}")
        data = self._content(found)
        if len(data) > config.max_bytes:
            raise DocumentTooLargeError(
                f"{key} has {len(data):,} bytes, the limit is {config.max_bytes:,}", "raise max_bytes of the source"
            )
        title = str(self._value(found, config.title) or "") if config.title else ""
        media_type = config.media_type if config.content else "text/markdown"
        return RawDocument(key, data, media_type, title or key, self._link(found, key), self._access(found))

    def _typed(self, key: str) -> Any:
        """Return the key as the database has it, so that it can use an index.

        Raises:
            NotFoundError: no row can have it.
        """
        kind = self._type  # a listing in another thread may forget it meanwhile
        if kind is None:
            first = next(self._database.rows([self._config.key], most=1), None)
            if first is None:
                raise NotFoundError(f"no row has the key {key!r}")
            kind = self._type = type(self._value(first, self._config.key))
        try:
            return kind(key) if kind in {int, float, uuid.UUID} else key
        except ValueError:
            raise NotFoundError(f"no row has the key {key!r}") from None

    def _value(self, row: Row, column: str) -> Any:
        if column not in row:
            raise SourceError(
                f"the query has no column {column!r}, only {', '.join(row)}", "correct the source's configuration"
            )
        return row[column]

    def _key(self, row: Row) -> str:
        value = self._value(row, self._config.key)
        if value is None or value == "":
            raise SourceError(f"a row has no {self._config.key}", "correct the query, or choose another key")
        return str(value)

    def _mark(self, row: Row) -> str:
        config = self._config
        wanted = [config.version] if config.version else [column for column in row if column != config.readers]
        seen = [f"{column}={self._value(row, column)!r}" for column in wanted]
        return hashlib.sha256("\x1f".join(seen).encode("utf-8", "replace")).hexdigest()[:32]

    def _content(self, row: Row) -> bytes:
        if self._config.content:
            value = self._value(row, self._config.content)
            return bytes(value) if isinstance(value, bytes | memoryview) else str(value or "").encode()
        left_out = {self._config.key, self._config.readers, self._config.title}
        lines = [
            f"**{name}:** {value}\n"
            for name, value in row.items()
            if name not in left_out and value not in (None, "") and not isinstance(value, bytes | memoryview)
        ]
        title = f"# {row[self._config.title]}\n\n" if self._config.title and row.get(self._config.title) else ""
        return (title + "\n".join(lines)).encode("utf-8", "replace")

    def _access(self, row: Row) -> Access | None:
        if not self._config.readers:
            return None
        value = self._value(row, self._config.readers)
        return Access.of_names([str(one) for one in value] if isinstance(value, list | tuple) else str(value or ""))

    def _link(self, row: Row, key: str) -> str:
        if not self._config.link:
            return f"{self._config.url}#{quote(key)}"
        names = {
            name: quote(str(self._value(row, name))) for _, name, _, _ in Formatter().parse(self._config.link) if name
        }
        return self._config.link.format_map(names)
