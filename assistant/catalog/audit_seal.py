"""The ends of the audit log's chain, and their seal: a MAC by a key that is not in the database.

Who can write to the database alone can chain other entries anew, but not seal them. The next honest writer sees that
the seal does not hold, and records that as an entry; so it stays visible.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, Table, select, text, update

from assistant.catalog.audit_chain import GENESIS, Head
from assistant.catalog.audit_models import AuditChainRow, AuditRow
from assistant.catalog.keyring import Key, Keyring
from assistant.catalog.models import Base

BREAK = "seal broken"  # the action of an entry which records that the seal before it did not hold
_PURPOSE = b"audit chain"
# Core statements, not the ORM's: every request waits for them.
_CHAIN: Table = Base.metadata.tables[AuditChainRow.__tablename__]
_AUDIT: Table = Base.metadata.tables[AuditRow.__tablename__]
_ENDS = select(*(_CHAIN.c[name] for name in ("anchor", "anchor_digest", "head", "head_digest", "seal", "seal_key")))
_LOCKED = _ENDS.with_for_update()
_SAVE = update(_CHAIN)
_BEGIN = text(
    "INSERT INTO audit_chain (id, anchor, anchor_digest, head, head_digest, seal, seal_key)"
    " VALUES (1, :anchor, :anchor_digest, :head, :head_digest, :seal, :seal_key) ON CONFLICT (id) DO NOTHING"
)


@dataclass(slots=True)
class Ends:
    """The one row of `audit_chain`; see there."""

    anchor: int = 0
    anchor_digest: str = GENESIS
    head: int = 0
    head_digest: str = GENESIS
    seal: str = ""
    seal_key: str = ""

    @property
    def first(self) -> Head:
        """What the oldest entry follows."""
        return Head(self.anchor, self.anchor_digest)

    @property
    def last(self) -> Head:
        """The newest entry."""
        return Head(self.head, self.head_digest)


def read_ends(connection: Connection) -> Ends:
    """Return the ends as they are recorded."""
    found = connection.execute(_ENDS).first()
    return Ends() if found is None else Ends(*found)


def locked_ends(connection: Connection) -> Ends:
    """Return the ends, locked until the transaction ends; where none are recorded, they are those of the entries."""
    found = connection.execute(_LOCKED).first()
    if found is None:
        columns = select(_AUDIT.c.number, _AUDIT.c.previous, _AUDIT.c.digest).limit(1)
        oldest = connection.execute(columns.order_by(_AUDIT.c.number)).first()
        newest = connection.execute(columns.order_by(_AUDIT.c.number.desc())).first()
        ends = Ends()
        if oldest is not None and newest is not None:
            ends = Ends(oldest.number - 1, oldest.previous, newest.number, newest.digest)
        connection.execute(_BEGIN, asdict(ends))
        found = connection.execute(_LOCKED).one()
    return Ends(*found)


def save_ends(connection: Connection, ends: Ends) -> None:
    """Record the ends."""
    connection.execute(_SAVE, asdict(ends))


def seal(ends: Ends, keys: Sequence[Key]) -> None:
    """Seal the ends as they are, by the first key."""
    ends.seal, ends.seal_key = _mac(ends, keys[0]), keys[0].name


def seal_state(ends: Ends, keyring: Keyring, keys: Sequence[Key]) -> str:
    """Return `good`, `none` where nothing was ever recorded, else why the seal does not hold."""
    if not ends.head and not ends.anchor and not ends.seal:
        return "none"
    key = next((one for one in keys if one.name == ends.seal_key), None)
    if key is None:
        return f"it needs the key {ends.seal_key or 'of nobody'}, which is not in {keyring.place}"
    if not hmac.compare_digest(_mac(ends, key), ends.seal):
        return "the ends of the chain were changed by something else than this assistant"
    return "good"


def _mac(ends: Ends, key: Key) -> str:
    told = f"{ends.anchor}:{ends.anchor_digest} {ends.head}:{ends.head_digest}"
    return hmac.digest(hmac.digest(key.secret, _PURPOSE, "sha256"), told.encode(), "sha256").hex()
