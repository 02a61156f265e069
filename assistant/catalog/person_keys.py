"""A key for each person in the audit log, encrypted by the house's keyring: without it, what it encrypted is noise."""

from __future__ import annotations

import base64
import json
import os
import time
import uuid
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from assistant.catalog.audit_models import PersonKeyRow
from assistant.catalog.keyring import Ciphertext, Keyring, KeyUnusableError
from assistant.catalog.models import Base

_NONCE, _BYTES, _KEPT = 12, 32, 256
_KEYS: Table = Base.metadata.tables[PersonKeyRow.__tablename__]
_OF_PEOPLE = select(_KEYS.c.person, _KEYS.c.pseudonym, _KEYS.c.key)


@dataclass(frozen=True, slots=True)
class PersonKey:
    """A person's key, and the pseudonym by which entries name the person."""

    pseudonym: str
    secret: bytes = field(repr=False)

    def seal(self, value: Mapping[str, Any], what: str) -> str:
        """Return the JSON encrypted; empty where there is nothing in it. `what` binds it to its field."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if not value:
            return ""
        nonce = os.urandom(_NONCE)
        plain = json.dumps(value, separators=(",", ":"), sort_keys=True).encode("ascii")
        return base64.b64encode(nonce + AESGCM(self.secret).encrypt(nonce, plain, what.encode())).decode("ascii")

    def open(self, text: str, what: str) -> dict[str, Any]:
        """Return what was sealed.

        Raises:
            KeyUnusableError: it was changed, or sealed by another key or as another field.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if not text:
            return {}
        try:
            raw = base64.b64decode(text, validate=True)
            plain = AESGCM(self.secret).decrypt(raw[:_NONCE], raw[_NONCE:], what.encode())
            value: dict[str, Any] = json.loads(plain)
        except (InvalidTag, ValueError) as error:
            raise KeyUnusableError("what is stored of it is damaged") from error
        return value


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of the person behind a pseudonym. `key` is None where the person was erased or `why` says more."""

    person: str
    key: PersonKey | None
    erased: bool = False
    why: str = ""


class PersonKeys:
    """Makes, finds and destroys the keys, in transactions of its caller."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._known: OrderedDict[str, tuple[Any, PersonKey]] = OrderedDict()

    def made(self, connection: Connection, people: Collection[str]) -> dict[str, PersonKey]:
        """Return the people's keys; who has none that can be opened gets one. The caller holds the chain's lock.

        Raises:
            ConfigurationError, HomeNotWritableError, StorageFullError: as `Keyring.encrypt`.
        """
        found: dict[str, PersonKey] = {}
        for person, pseudonym, key in connection.execute(_OF_PEOPLE.where(_KEYS.c.person.in_(people))):
            with suppress(KeyUnusableError):  # the house's key was lost: what is recorded from now on can be read again
                found[str(person)] = self._unwrapped(pseudonym, key)
        for person in sorted({*people} - found.keys()):
            made = PersonKey(uuid.uuid4().hex, os.urandom(_BYTES))
            wrapped = self._wrapped(made.secret)
            row = {"pseudonym": made.pseudonym, "person": person, "key": wrapped, "created_at": time.time()}
            connection.execute(insert(_KEYS), [row])
            found[person] = made
        return found

    def pseudonyms(self, connection: Connection, person: str) -> list[str]:
        """Return the pseudonyms of a person; none where no entry names the person, or not any more."""
        return list(connection.scalars(select(_KEYS.c.pseudonym).where(_KEYS.c.person == person)))

    def opened(self, connection: Connection, pseudonyms: Iterable[str]) -> dict[str, Opened]:
        """Return who is behind the pseudonyms, as far as that can still be known."""
        wanted = sorted({*pseudonyms} - {""})
        found: dict[str, Opened] = {}
        for at in range(0, len(wanted), 500):
            for person, pseudonym, key in connection.execute(
                _OF_PEOPLE.where(_KEYS.c.pseudonym.in_(wanted[at : at + 500]))
            ):
                found[pseudonym] = self._opened(person, pseudonym, key)
        for pseudonym in wanted:
            found.setdefault(pseudonym, Opened("", None, why="its key is not in the catalog"))
        return found

    def destroy(self, connection: Connection, person: str) -> list[str]:
        """Destroy the person's keys; return the pseudonyms that nobody is behind any more."""
        gone = self.pseudonyms(connection, person)
        for pseudonym in gone:
            erased = {"person": None, "key": None, "erased_at": time.time()}
            connection.execute(update(_KEYS).where(_KEYS.c.pseudonym == pseudonym).values(erased))
            self._known.pop(pseudonym, None)
        return gone

    def due(self, connection: Connection) -> list[str]:
        """Return the pseudonyms whose keys are encrypted by another than the keyring's first key."""
        rows = connection.execute(_OF_PEOPLE.where(_KEYS.c.key.is_not(None))).all()
        return [pseudonym for _, pseudonym, key in rows if key and not self._keyring.is_current(_ciphertext(key))]

    def wrap_anew(self, connection: Connection, pseudonyms: Iterable[str]) -> int:
        """Encrypt these keys by the keyring's first key; return how many could be."""
        done = 0
        for pseudonym in pseudonyms:
            row = connection.execute(_OF_PEOPLE.where(_KEYS.c.pseudonym == pseudonym).with_for_update()).one_or_none()
            if row is None or row.key is None:
                continue
            try:
                anew = self._wrapped(self._keyring.decrypt(_ciphertext(row.key)))
            except KeyUnusableError:
                continue  # the older key may come back
            connection.execute(update(_KEYS).where(_KEYS.c.pseudonym == pseudonym).values(key=anew))
            done += 1
        return done

    def _opened(self, person: str | None, pseudonym: str, key: Mapping[str, Any] | None) -> Opened:
        if key is None or person is None:
            return Opened("", None, erased=True)
        try:
            return Opened(person, self._unwrapped(pseudonym, key))
        except KeyUnusableError as error:
            return Opened(person, None, why=str(error))

    def _wrapped(self, secret: bytes) -> dict[str, Any]:
        sealed = self._keyring.encrypt(secret)
        return {"$encrypted": sealed.token, "key": sealed.key}

    def _unwrapped(self, pseudonym: str, stored: Mapping[str, Any]) -> PersonKey:
        known = self._known.get(pseudonym)
        if known is None or known[0] != stored:
            known = (stored, PersonKey(pseudonym, self._keyring.decrypt(_ciphertext(stored))))
            self._known[pseudonym] = known
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return known[1]


def _ciphertext(stored: Mapping[str, Any]) -> Ciphertext:
    return Ciphertext(str(stored.get("$encrypted", "")), str(stored.get("key", "")))
