"""An index whose vector search loses what is there does not take over unseen, and `doctor` says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.adapters.index_edge import EdgeIndex
from assistant.adapters.recall import LEAST
from assistant.app import App, Reindexing, build
from assistant.cli import doctor, reindex
from assistant.errors import VectorIndexError
from assistant.settings import load_settings
from assistant.types.recall import Recall, Share

LOSSY = Recall(10, 100, (Share(1.0, 0.99), Share(0.1, LEAST - 0.01)))


@pytest.fixture
def app(tmp_path: Path, assistant_home: Path) -> Iterator[App]:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "travel.md").write_text("# Travel\n\n" + "Tickets are booked in Concur before the trip. " * 60)
    with build(load_settings(home=assistant_home)) as app:
        app.catalog.sources.add("docs", "folder", {"path": str(folder)}, {})
        app.ingestor.sync("docs", "cli")
        yield app


def test_it_does_not_take_over_unless_it_is_forced(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Reindexing(app)
    record = work.begin(None, 64)
    with monkeypatch.context() as lossy:
        lossy.setattr(EdgeIndex, "recall", lambda _self, _sample=100: LOSSY)
        with pytest.raises(VectorIndexError, match=r"'onnx-64' finds 96\.0% of the nearest"):
            reindex._build(work, record, force=False, as_json=True)
        assert app.catalog.indexes.get("onnx-64").state == "ready"
        comparison = reindex._build(work, record, force=True, as_json=True)
    assert app.catalog.indexes.get("onnx-64").state == "current"
    told = reindex.ComparisonJson.of(comparison)
    assert (told.documents, told.recall) == (1, {"1": 0.99, "0.1": LEAST - 0.01})


def test_doctor_measures_it(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    good = doctor._recall(app)
    assert (good.state, good.hint) == ("ok", "")
    assert good.detail.startswith("100.0% where 100.0% may be read (")
    monkeypatch.setattr(EdgeIndex, "recall", lambda _self, _sample=100: LOSSY)
    bad = doctor._recall(app)
    assert bad.state == "broken"
    assert bad.detail == "99.0% where 100.0% may be read, 96.0% where 10.0% may be read"
    assert "reindex" in bad.hint
