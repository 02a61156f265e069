"""Another index in one process: what the former one's work does, and that the former index is kept level."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.app import App, Reindexing, build, parts, reindexing
from assistant.errors import ConfigurationError, HomeInUseError, IndexUnavailableError, NotFoundError
from assistant.settings import load_settings


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
