"""Another index in one process: what the former one's work does, and that the former index is kept level."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.app import App, Reindexing, build, parts, reindexing
from assistant.catalog import Catalog
from assistant.errors import (
    ConfigurationError,
    EmbedderError,
    HomeInUseError,
    IndexUnavailableError,
    NotFoundError,
)
from assistant.settings import load_settings
from assistant.types import LOCAL_OPERATOR
from assistant.types.index_points import IndexPoint
from tests.fakes.databases import new_database
from tests.fakes.index import FakeIndex
from tests.fakes.tiny_sparse import make_sparse_model


def test_work_does_not_go_on_with_an_index_that_was_replaced(
    tmp_path: Path, assistant_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "_RETIRING_SECONDS", 0.0)
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "travel.md").write_text("# Travel\n\n" + "Tickets are booked in Concur before the trip. " * 60)
    (folder / "vpn.txt").write_text("The VPN gateway is vpn-frankfurt-2.\n")
    with build(load_settings(home=assistant_home)) as app:
        app.catalog.sources.add("docs", "folder", {"path": str(folder)}, {})
        app.ingestor.sync("docs", "cli")
        former = app.ingestor
        work = Reindexing(app)
        with work.opened(work.begin(None, 64)) as new:
            new.builder.build()
            new.builder.swap()
            with pytest.raises(IndexUnavailableError, match="cannot be opened yet"):
                app.follow()
        with pytest.raises(IndexUnavailableError, match="took over"):
            former.sync("docs", "cli")
        assert app.catalog.runs.newest()[0].state == "done"  # the one before: that one left no run
        assert app.follow()
        assert not app.follow()
        assert app.ingestor is not former
        assert app.ingestor.sync("docs", "cli").unchanged == 2
        with pytest.raises(ConfigurationError, match="already"):
            work.begin("onnx", 64)
        with pytest.raises(NotFoundError):
            work.drop("nowhere")
        (level,) = work.keep_level()
        assert level.is_level
        assert work.keep_level() == []  # nothing has changed since
        assert_given_up_once_it_is_free(work, app, monkeypatch)


def assert_given_up_once_it_is_free(work: Reindexing, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up the former index while someone works on it: it is not written any more, and deleted afterwards."""
    (former,) = [record for record in app.catalog.indexes.all() if record.state == "kept"]
    monkeypatch.setattr(reindexing, "_PATIENCE", 0.0)
    with work.opened(former), pytest.raises(HomeInUseError):
        work.drop(former.name)
    assert [record.state for record in app.catalog.indexes.all() if record.name == former.name] == ["dropped"]
    assert work.keep_level() == []
    assert [record.state for record in app.catalog.indexes.all()] == ["current"]
    assert not (app.settings.home / "index").exists()


def test_one_process_at_a_time_builds_an_index_on_a_server(
    postgres: str, assistant_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = new_database(postgres)
    with build(load_settings(home=assistant_home, catalog_url=url)) as app:
        _ = app.index
        work = Reindexing(app)
        record = work.begin(None, 64)
        app.settings = app.settings.model_copy(update={"index": "qdrant"})
        monkeypatch.setattr(reindexing, "open_index", lambda *_: FakeIndex(app.embedder.dimension))
        monkeypatch.setattr(reindexing, "remove_index", lambda *_: None)
        other = Catalog(url, app.catalog.keyring)
        with other.indexes.alone(record.name):
            with pytest.raises(HomeInUseError, match=record.name), work.opened(record, patience=0.0):
                pytest.fail("two work on it")
            app.catalog.indexes.drop(record.name)
            assert work.keep_level() == []
            assert record.name in {one.name for one in app.catalog.indexes.all()}
        other.close()
        work.keep_level()
        assert record.name not in {one.name for one in app.catalog.indexes.all()}


def test_a_learned_sparse_model_comes_and_goes_by_reindexing(tmp_path: Path, assistant_home: Path) -> None:
    model = make_sparse_model(tmp_path / "models")
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "house.txt").write_text("A house by the sea.\n")
    (folder / "tree.txt").write_text("A tree.\n")
    with build(load_settings(home=assistant_home)) as app:
        app.catalog.sources.add("docs", "folder", {"path": str(folder)}, {})
        app.ingestor.sync("docs", "cli")
        work = Reindexing(app)
        with pytest.raises(EmbedderError, match="no model folder"):
            work.begin(None, None, str(tmp_path / "nowhere"))
        assert app.catalog.indexes.all() == [], "nothing is recorded of a model that cannot be loaded"
        build_and_swap(work, app, str(model))
        assert app.served.sparse_embedder == str(model)
        with pytest.raises(ConfigurationError, match="already"):
            work.begin(None, None, str(model))
        assert all(point.learned is not None for point in points_of(app))
        build_and_swap(work, app, "")
        assert app.served.models == ("onnx", 200, "")
        assert all(point.learned is None for point in points_of(app))
    with build(load_settings(home=assistant_home, sparse_embedder=str(model))) as app:
        assert app.served.sparse_embedder == "", "the setting is what a new home begins with"
        assert len(app.retriever.search("house", LOCAL_OPERATOR, 5)) == 2


def build_and_swap(work: Reindexing, app: App, sparse_embedder: str) -> None:
    with work.opened(work.begin(None, None, sparse_embedder)) as new:
        new.builder.build()
        assert work.compare(new).both == 2
        new.builder.swap()
    assert app.follow()
    assert {passage.ref.key for passage in app.retriever.search("house", LOCAL_OPERATOR, 5)} == {
        "house.txt", "tree.txt"
    }  # fmt: skip


def points_of(app: App) -> list[IndexPoint]:
    found = app.index.read_points(list(app.index.versions()))
    assert len(found) == 2
    return found
