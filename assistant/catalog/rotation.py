"""Which keys the catalog's secrets need, and how they all come under a new one, whatever table they are in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Column, Table, Text, cast, or_, select, update

from assistant.catalog.database import Database
from assistant.catalog.keyring import Ciphertext, Keyring, KeyUnusableError
from assistant.catalog.models import Base

_TOKEN, _KEY = "$encrypted", "key"
_BEGINS = "gAAAA"  # every Fernet token
_SEAL = "seal_key"  # columns of this name say which key a MAC was made with


@dataclass(frozen=True, slots=True)
class Use:
    """How many secrets of a table need a key, and how many of them it does not open."""

    table: str
    key: str
    count: int
    closed: int


class Rotation:
    """See the module. A new table with secrets is found by itself, as they all look alike.

    Args:
        database: has the tables.
        keyring: opens the secrets, and encrypts by its first key.
    """

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    def uses(self) -> list[Use]:
        """Return which keys are needed where, by table and key. Every secret is opened."""
        counts: Counter[tuple[str, str]] = Counter()
        closed: Counter[tuple[str, str]] = Counter()
        for table in Base.metadata.sorted_tables:
            for _, values in self._rows(table):
                for one in (found for value in values.values() for found in _ciphertexts(value)):
                    counts[table.name, one.key] += 1
                    closed[table.name, one.key] += not self._opens(one)
            for key in self._seals(table):
                counts[table.name, key] += 1
        return [Use(table, key, count, closed[table, key]) for (table, key), count in sorted(counts.items())]

    def renew(self) -> int:
        """Encrypt by the first key what is not, a row at a time; what no key opens stays. Returns how many rows.

        Raises:
            ConfigurationError: the keys cannot be read.
        """
        if len(self._keyring.all()) < 2:  # one key opens nothing but its own, so that no table has to be read
            return 0
        done = 0
        for table in Base.metadata.sorted_tables:
            due = [place for place, values in self._rows(table) if self._renewed(values) != values]
            for place in due:
                done += self._renew_row(table, place)
        return done

    def _renew_row(self, table: Table, place: Mapping[str, Any]) -> bool:
        where = [table.c[name] == value for name, value in place.items()]
        columns = _json_columns(table)
        with self._database.write() as session:
            row = session.execute(select(*columns).where(*where).with_for_update()).mappings().first()
            if row is None:
                return False
            values = dict(row)
            renewed = self._renewed(values)
            changed = {name: value for name, value in renewed.items() if value != values[name]}
            if changed:
                session.execute(update(table).where(*where).values(changed))
            return bool(changed)

    def _rows(self, table: Table) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Yield the primary key and the JSON of each row that may hold a secret."""
        columns = _json_columns(table)
        if not columns:
            return
        keys = list(table.primary_key.columns)
        may = or_(*(cast(column, Text).contains(_TOKEN, autoescape=True) for column in columns))
        with self._database.read() as session:
            rows = list(session.execute(select(*keys, *columns).where(may)).mappings())
        for row in rows:
            yield {key.name: row[key.name] for key in keys}, {column.name: row[column.name] for column in columns}

    def _seals(self, table: Table) -> list[str]:
        if _SEAL not in table.c:
            return []
        with self._database.read() as session:
            return [key for key in session.scalars(select(table.c[_SEAL])) if key]

    def _renewed(self, value: Any) -> Any:
        match value:
            case Mapping():
                stored = _ciphertext(value)
                if stored is None:
                    return {name: self._renewed(item) for name, item in value.items()}
                if self._keyring.is_current(stored):
                    return dict(value)
                try:
                    new = self._keyring.encrypt(self._keyring.decrypt(stored))
                except KeyUnusableError:
                    return dict(value)
                return {_TOKEN: new.token, _KEY: new.key}
            case list():
                return [self._renewed(item) for item in value]
        return value

    def _opens(self, one: Ciphertext) -> bool:
        try:
            self._keyring.decrypt(one)
        except KeyUnusableError:
            return False
        return True


def _json_columns(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if isinstance(column.type, JSON)]


def _ciphertexts(value: Any) -> Iterator[Ciphertext]:
    match value:
        case Mapping():
            stored = _ciphertext(value)
            if stored is not None:
                yield stored
                return
            for item in value.values():
                yield from _ciphertexts(item)
        case list():
            for item in value:
                yield from _ciphertexts(item)


def _ciphertext(value: Mapping[str, Any]) -> Ciphertext | None:
    token, key = value.get(_TOKEN), value.get(_KEY)
    if value.keys() == {_TOKEN, _KEY} and isinstance(token, str) and isinstance(key, str) and token.startswith(_BEGINS):
        return Ciphertext(token, key)
    return None
