"""Readers from sources: a change of them arrives with the next sync, and nothing is fetched or embedded for it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.access import ReadersRule
from assistant.errors import NotFoundError
from assistant.types import LOCAL_OPERATOR, Access, Change, Changed, Checkpoint, User
from tests.fakes.system import MemorySource, System

HR, IT = Access(frozenset({"group:hr"})), Access(frozenset({"group:it"}))
WITH_READERS = ("git", "s3", "sql", "webdav", "llamaindex")


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    yield system
    system.close()


@pytest.fixture
def embedded(system: System, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was embedded since the test cleared it."""
    texts: list[str] = []
    real = system.embedder.embed_passages

    def embed(passages: Any) -> Any:
        texts.extend(passages)
        return real(passages)

    monkeypatch.setattr(system.embedder, "embed_passages", embed)
    return texts


def access(system: System, source: str, key: str) -> Access:
    return system.library.info(source, key, LOCAL_OPERATOR).ref.access


@pytest.mark.parametrize("kind", WITH_READERS)
def test_other_readers_of_a_built_in_source_arrive_without_fetching(
    kind: str, system: System, embedded: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scene").mkdir()
    scene = importlib.import_module(f"plugins.{kind}.conformance").SCENES[kind](tmp_path / "scene")
    config = dict(scene.config) | ({"media_type": "text/plain"} if kind == "sql" else {})
    fetched: list[str] = []
    source_class = type(scene.source())
    real = source_class.fetch
    monkeypatch.setattr(source_class, "fetch", lambda self, key: (fetched.append(key), real(self, key))[1])
    importlib.import_module(f"plugins.{kind}").register(system.registry)
    system.catalog.sources.add("own", kind, system.registry.validate(kind, config), {})
    try:
        for key in ("a.txt", "b.txt"):
            scene.put(key, b"some words")
            scene.set_readers(key, {"group:hr"}, set())
        assert system.ingestor.sync("own", "cli").added == 2
        assert len(embedded) == 2
        assert access(system, "own", "a.txt").allow >= HR.allow
        embedded.clear()
        fetched.clear()
        scene.set_readers("a.txt", {"group:it"}, set())
        report = system.ingestor.sync("own", "cli")
        assert (report.seen, report.updated, report.unchanged, report.failed) == (2, 1, 1, 0)
        assert (embedded, fetched) == ([], [])
        assert access(system, "own", "a.txt").allow >= IT.allow
        assert "group:hr" not in access(system, "own", "a.txt").allow
        with pytest.raises(NotFoundError):
            system.library.info("own", "a.txt", User("eve", frozenset({"hr"})))
        assert system.ingestor.sync("own", "cli").updated == 0
    finally:
        getattr(scene, "close", lambda: None)()


class ListingSource(MemorySource):
    """Lists readers, beside versions of the texts alone."""

    def changes(self, cursor: str | None) -> Iterator[Change]:
        for key, text in self.texts.items():
            yield Changed(key, str(hash(text)), self.access.get(key))
        yield Checkpoint("end", complete=True)


@pytest.fixture
def listing(system: System) -> ListingSource:
    source = ListingSource(texts={"a": "one", "b": "two"}, access={"a": HR, "b": HR})
    system.source = source
    system.ingestor.sync("s", "cli")
    source.fetched.clear()
    return source


def test_the_names_of_the_source_have_others_here(system: System, listing: ListingSource) -> None:
    rule = ReadersRule(names={"hr": "people", "user:ann@corp.example": "user:ann"})
    system.catalog.sources.set_readers("s", rule.model_dump(mode="json"))
    listing.access["b"] = Access(frozenset({"user:ann@corp.example"}), frozenset({"group:hr"}))
    assert system.ingestor.sync("s", "cli").updated == 2
    assert listing.fetched == []
    assert access(system, "s", "a") == Access(frozenset({"group:people"}))
    assert access(system, "s", "b") == Access(frozenset({"user:ann"}), frozenset({"group:people"}))
    listing.texts["a"] = "changed"  # and whoever is fetched has them too
    system.ingestor.sync("s", "cli")
    assert access(system, "s", "a") == Access(frozenset({"group:people"}))
    assert system.ingestor.sync("s", "cli").unchanged == 2


def test_other_names_reach_documents_whose_source_tells_readers_only_when_it_is_asked(system: System) -> None:
    system.source.texts, system.source.access = {"a": "one"}, {"a": HR}
    system.ingestor.sync("s", "cli")
    system.ingestor.sync("s", "cli")
    assert system.source.fetched == ["a"]
    system.catalog.sources.set_readers("s", ReadersRule(names={"hr": "people"}).model_dump(mode="json"))
    assert system.ingestor.sync("s", "cli").updated == 1
    assert access(system, "s", "a") == Access(frozenset({"group:people"}))
    assert system.ingestor.sync("s", "cli").unchanged == 1
    assert system.source.fetched == ["a", "a"]


def test_a_changed_document_is_shown_to_its_new_readers_though_it_cannot_be_fetched(
    system: System, listing: ListingSource
) -> None:
    from assistant.errors import DocumentChangedError

    listing.texts["a"], listing.access["a"] = "changed", IT
    listing.errors["a"] = DocumentChangedError("moving")
    assert system.ingestor.sync("s", "cli").failed == 1
    assert access(system, "s", "a") == IT


def test_another_rule_is_applied_without_fetching(system: System, embedded: list[str]) -> None:
    system.source.texts = {"hr/a": "one", "b": "two"}
    system.ingestor.sync("s", "cli")
    system.source.fetched.clear()
    embedded.clear()
    rule = ReadersRule.model_validate({"rules": [{"glob": "hr/**", "readers": ["hr"]}]})
    system.catalog.sources.set_readers("s", rule.model_dump(mode="json"))
    report = system.ingestor.sync("s", "cli")
    assert (report.updated, report.unchanged) == (1, 1)
    assert (system.source.fetched, embedded) == ([], [])
    assert access(system, "s", "hr/a") == HR


def test_a_source_that_ceases_to_tell_readers_is_asked_after_its_configuration_was_changed(
    system: System, listing: ListingSource
) -> None:
    listing.access.clear()
    system.ingestor.sync("s", "cli")
    assert access(system, "s", "a") == HR  # the same version: it may tell them only whoever fetches it
    system.catalog.sources.set_config("s", {})
    system.ingestor.sync("s", "cli")
    assert access(system, "s", "a") == Access()
    assert listing.fetched == ["a", "b"]


def test_members_follow(system: System, listing: ListingSource, monkeypatch: pytest.MonkeyPatch) -> None:
    below = system.catalog.documents.below
    shown: list[str] = []
    monkeypatch.setattr(system.index, "set_access", lambda document, _: shown.append(document))
    monkeypatch.setattr(system.catalog.documents, "below", lambda one: [*below(one), "member"])
    listing.access["a"] = IT
    report = system.ingestor.sync("s", "cli")
    assert (report.updated, report.unchanged) == (2, 1)
    assert shown[-1] == "member"
