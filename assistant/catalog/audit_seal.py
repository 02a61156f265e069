"""The seal of the audit log: a MAC over the ends of its chain, by a key that is not in the database.

Who can write to the database alone can chain other entries anew, but not seal them. The next honest writer sees that
the seal does not hold, and records that as an entry; so it stays visible.
"""

from __future__ import annotations

import hmac

from assistant.catalog.audit_models import AuditChainRow
from assistant.catalog.keyring import Key, Keyring

BREAK = "seal broken"  # the action of an entry which records that the seal before it did not hold
_PURPOSE = b"audit chain"


def seal(chain: AuditChainRow, keyring: Keyring) -> None:
    """Seal the ends as they are, by the keyring's first key. Raises as `Keyring.derived`."""
    keyring.derived("audit chain")  # makes the file where there is none
    first = keyring.all()[0]
    chain.seal, chain.seal_key = _mac(chain, first), first.name


def seal_state(chain: AuditChainRow | None, keyring: Keyring) -> str:
    """Return `good`, `none` where nothing was ever recorded, else why the seal does not hold."""
    if chain is None or (not chain.head and not chain.anchor and not chain.seal):
        return "none"
    key = next((one for one in keyring.all() if one.name == chain.seal_key), None)
    if key is None:
        return f"it needs the key {chain.seal_key or 'of nobody'}, which is not in {keyring.place}"
    if not hmac.compare_digest(_mac(chain, key), chain.seal):
        return "the ends of the chain were changed by something else than this assistant"
    return "good"


def _mac(chain: AuditChainRow, key: Key) -> str:
    ends = f"{chain.anchor}:{chain.anchor_digest} {chain.head}:{chain.head_digest}"
    return hmac.digest(hmac.digest(key.secret, _PURPOSE, "sha256"), ends.encode(), "sha256").hex()
