"""What the catalog keeps of packs."""

from __future__ import annotations

from assistant.catalog import Catalog, PackRecord
from assistant.types import LOCAL_OPERATOR, User


def test_a_record_is_kept_replaced_and_removed(catalog: Catalog) -> None:
    first = PackRecord("contracts", frozenset({"group:legal", "user:ann"}), (("files", "contracts/**"),))
    catalog.packs.put(first)
    assert catalog.packs.all() == {"contracts": first}
    catalog.packs.put(PackRecord("contracts", frozenset({"group:hr"})))
    assert catalog.packs.all()["contracts"] == PackRecord("contracts", frozenset({"group:hr"}), ())
    catalog.packs.remove("contracts")
    catalog.packs.remove("contracts")
    assert catalog.packs.all() == {}


def test_it_is_for_its_groups_and_persons_and_who_reads_everything() -> None:
    record = PackRecord("p", frozenset({"group:legal", "user:ann"}))
    assert record.is_for(User("bob", frozenset({"legal"})))
    assert record.is_for(User("ann"))
    assert record.is_for(LOCAL_OPERATOR)
    assert not record.is_for(User("legal", frozenset({"ann"})))
    assert not record.is_for(User("root", frozenset({"everyone"}), "admin"))
