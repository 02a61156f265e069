"""Secrets are found in whatever table they are, and come under the first key, on SQLite and Postgres."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from assistant.catalog import Act, Catalog, Keyring
from assistant.catalog.models_people import PersonRow
from assistant.catalog.secrets import Secret


def new_key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def test_every_table_is_looked_through(catalog_url: str, tmp_path: Path) -> None:
    old, new = new_key(), new_key()
    first = Catalog(catalog_url, Keyring(tmp_path / "k", old))
    first.sources.add("s", "folder", {"deep": [{"er": Secret.of("a")}]}, {}, None, ["b", "c"])
    sealed = first.keyring.encrypt(b"d")
    # a table that holds none today
    encrypted = [{"$encrypted": sealed.token, "key": sealed.key}]
    words = ["what is $encrypted?", {"$encrypted": "no token", "key": "k"}]
    rows = [
        PersonRow(id=name, folded=name, name="", groups=groups, role="employee", disabled=False, created_at=0.0)
        for name, groups in (("p", encrypted), ("q", words))
    ]
    with first.database.write() as session:
        session.add_all(rows)
    former = first.keyring.all()[0].name
    assert [(one.table, one.key, one.count, one.closed) for one in first.rotation.uses()] == [
        ("people", former, 1, 0),
        ("sources", former, 3, 0),
    ]
    first.close()
    both = Catalog(catalog_url, Keyring(tmp_path / "k", f"{new},{old}"))
    assert both.rotation.renew() == 2
    assert both.rotation.renew() == 0
    current = both.keyring.all()[0].name
    assert {one.key for one in both.rotation.uses()} == {current}
    assert both.sources.get("s").passwords == ("b", "c")
    both.close()
    lost = Catalog(catalog_url, Keyring(tmp_path / "k", old))
    assert lost.rotation.renew() == 0
    assert [(one.count, one.closed) for one in lost.rotation.uses()] == [(1, 1), (3, 3)]
    lost.close()


@pytest.mark.parametrize(
    ("former", "newer"),
    [("{old}", "{old},{new}"), ("{old},{new}", "{new},{old}"), ("{new},{old}", "{new}")],
    ids=["the new key is added", "it comes first", "the old key goes"],
)
def test_hosts_on_both_sides_of_a_step_hold_each_others_seals(
    catalog_url: str, tmp_path: Path, former: str, newer: str
) -> None:
    """The three restarts of infra/docs/secrets.md: while hosts are started anew one by one, both write the log."""
    keys = {"old": new_key(), "new": new_key()}
    before, after = (Catalog(catalog_url, Keyring(tmp_path / "k", said.format_map(keys))) for said in (former, newer))
    for number in range(2):
        before.audit.append([Act("search", f"ann{number}")])
        after.audit.append([Act("search", f"bob{number}")])
        if number == 0:
            after.audit.protect()
    for side in (before, after):
        found = side.audit.verify()
        assert (found.good, found.seal, found.seal_breaks, found.entries) == (True, "good", (), 4)
        side.close()


def test_one_step_for_both_breaks_the_seal(catalog_url: str, tmp_path: Path) -> None:
    """Why there are three: a host that has only the old key cannot see that the new one's seal is good."""
    old, new = new_key(), new_key()
    former, newer = (Catalog(catalog_url, Keyring(tmp_path / "k", said)) for said in (old, f"{new},{old}"))
    newer.audit.append([Act("search", "bob")])
    former.audit.append([Act("search", "ann")])
    assert newer.audit.verify().seal_breaks == (2,)
    former.close()
    newer.close()
