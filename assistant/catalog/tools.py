"""The catalog's tools: those that admins configured."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from assistant.catalog.database import Database
from assistant.catalog.keyring import Keyring
from assistant.catalog.models import ToolRow
from assistant.catalog.secrets import sealed, unsealed
from assistant.errors import ConfigurationError, NotFoundError

_LONGEST_ERROR = 2000


@dataclass(frozen=True, slots=True)
class ToolRecord:
    """A configured tool.

    Attributes:
        name: its name, or what the names of its tools begin with.
        kind: of tools.
        config: with `Secret`s in it.
        groups: who may use it, as `types.principals` takes them; none: the operator only.
        enabled: whether it is switched on.
        described: each tool's name, description, parameters and `writes`, as it was when it was last tried.
        error: what went wrong last.
        mark: another one after each change.
    """

    name: str
    kind: str
    config: Mapping[str, Any]
    groups: tuple[str, ...]
    enabled: bool
    described: Sequence[Mapping[str, Any]]
    error: str = ""
    mark: str = ""


class ToolTable:
    """Reads and changes the table of configured tools; it holds the `Secret`s of configurations encrypted."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    def add(self, record: ToolRecord) -> ToolRecord:
        """Record a new tool.

        Raises:
            ConfigurationError: there is one of that name, or the key cannot be used.
        """
        row = ToolRow(
            name=record.name,
            kind=record.kind,
            config=sealed(record.config, self._keyring),
            groups=list(record.groups),
            enabled=record.enabled,
            described=[dict(one) for one in record.described],
            error="",
            created_at=time.time(),
            mark=str(uuid.uuid4()),
        )
        try:
            with self._database.write() as session:
                session.add(row)
        except IntegrityError:
            raise ConfigurationError(f"there is a tool {record.name!r} already", "choose another name") from None
        return self._record(row)

    def all(self) -> list[ToolRecord]:
        """Return all configured tools by name."""
        with self._database.read() as session:
            return [self._record(row) for row in session.scalars(select(ToolRow).order_by(ToolRow.name))]

    def get(self, name: str) -> ToolRecord:
        """Return the tool. Raises NotFoundError."""
        with self._database.read() as session:
            row = session.get(ToolRow, name)
            if row is None:
                raise _unknown(name)
            return self._record(row)

    def change(
        self,
        name: str,
        *,
        config: Mapping[str, Any] | None = None,
        groups: Sequence[str] | None = None,
        enabled: bool | None = None,
        described: Sequence[Mapping[str, Any]] | None = None,
    ) -> ToolRecord:
        """Change what is given, and forget what went wrong. Returns the tool as it is then. Raises NotFoundError."""
        values: dict[str, Any] = {"error": "", "mark": str(uuid.uuid4())}
        if config is not None:
            values["config"] = sealed(config, self._keyring)
        if groups is not None:
            values["groups"] = list(groups)
        if enabled is not None:
            values["enabled"] = enabled
        if described is not None:
            values["described"] = [dict(one) for one in described]
        self._update(name, values)
        return self.get(name)

    def note(self, name: str, error: str) -> None:
        """Keep what went wrong last with a tool; an empty text says that nothing did."""
        with self._database.write() as session:
            session.execute(update(ToolRow).where(ToolRow.name == name).values(error=error[:_LONGEST_ERROR]))

    def remove(self, name: str) -> None:
        """Forget the tool. Raises NotFoundError."""
        with self._database.write() as session:
            gone = session.execute(delete(ToolRow).where(ToolRow.name == name).returning(ToolRow.name)).all()
        if not gone:
            raise _unknown(name)

    def protect(self) -> None:
        """Encrypt under the first key what an older key encrypted; what cannot be decrypted stays as it is."""
        with self._database.read() as session:
            due = [row.name for row in session.scalars(select(ToolRow)) if self._renewed(row) != row.config]
        for name in due:
            with self._database.write() as session:
                row = session.get(ToolRow, name, with_for_update=True)
                if row is not None:
                    row.config = self._renewed(row)

    def _renewed(self, row: ToolRow) -> Any:
        opened = unsealed(row.config, self._keyring, row.name, what="tool")
        return sealed(opened, self._keyring, keep_lost=True)

    def _update(self, name: str, values: Mapping[str, Any]) -> None:
        statement = update(ToolRow).where(ToolRow.name == name).values(**values).returning(ToolRow.name)
        with self._database.write() as session:
            if not session.execute(statement).all():
                raise _unknown(name)

    def _record(self, row: ToolRow) -> ToolRecord:
        return ToolRecord(
            name=row.name,
            kind=row.kind,
            config=unsealed(row.config, self._keyring, row.name, what="tool"),
            groups=tuple(row.groups),
            enabled=row.enabled,
            described=tuple(row.described),
            error=row.error,
            mark=row.mark,
        )


def _unknown(name: str) -> NotFoundError:
    return NotFoundError(f"there is no configured tool {name!r}", "see `assistant tools list`")
