"""What admins have done with indexes: built, compared, gone over to, gone back, given up and checked, in a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.app import App, Rebuilding, build, parts
from assistant.app.overseeing import sizes
from assistant.app.rebuilding import Progress
from assistant.errors import ChangedMeanwhileError, ConfigurationError, IndexBusyError, NotFoundError, VectorIndexError
from assistant.settings import load_settings


@pytest.fixture
def app(tmp_path: Path, assistant_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    monkeypatch.setattr(parts, "_RETIRING_SECONDS", 0.0)
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "travel.md").write_text("# Travel\n\n" + "Tickets are booked in Concur before the trip. " * 30)
    (folder / "vpn.txt").write_text("The VPN gateway is vpn-frankfurt-2.\n")
    with build(load_settings(home=assistant_home)) as app:
        app.catalog.sources.add("docs", "folder", {"path": str(folder)}, {})
        app.ingestor.sync("docs", "cli")
        yield app


def ended(work: Rebuilding) -> Progress:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        progress = work.progress
        assert progress is not None
        if not progress.at_work:
            return progress
        time.sleep(0.02)
    raise AssertionError(work.progress)


def states(app: App) -> dict[str, str]:
    return {one.name: one.state for one in app.catalog.indexes.all()}


def test_an_index_is_built_compared_swapped_and_swapped_back(app: App) -> None:
    work = Rebuilding(app)
    assert work.build(None, 64, None).task == "build"
    built = ended(work)
    assert (built.phase, built.done, built.total) == ("done", 2, 2)
    name = built.index
    comparison = work.compared(name)
    assert comparison is not None
    assert comparison.both == 2
    assert states(app)[name] == "ready"
    before = sizes(app)
    assert (before.documents, before.indexed_documents, before.index_error) == (2, 2, "")
    assert before.index_bytes
    work.swap(name)
    assert ended(work).phase == "done"
    assert app.served.name == name
    assert states(app) == {"first": "kept", name: "current"}
    app.follow()  # lets go of the former one, as a worker does now and then
    with pytest.raises(ChangedMeanwhileError, match="the former index is 'first' by now"):
        work.back("another")
    work.back("first")
    assert ended(work).phase == "done"
    assert app.served.name == "first"
    app.follow()
    work.drop(name)
    assert ended(work).phase == "done"
    assert states(app) == {"first": "current"}
    work.check(20)
    assert ended(work).phase == "done"
    assert work.checked is not None
    assert work.checked[1:] == ("first", ended(work).recall)


def test_what_cannot_be_done_is_said_and_nothing_is_done(app: App) -> None:
    work = Rebuilding(app)
    work.build(None, None, None)
    failed = ended(work)
    assert failed.phase == "failed"
    assert "already" in failed.error
    with pytest.raises(NotFoundError):
        work.swap("nowhere")
    with pytest.raises(NotFoundError):
        work.drop("nowhere")
    work.back()
    assert "no former index" in ended(work).error
    record = app.catalog.indexes.add("b", "onnx", 64, "", first=("onnx", 200, ""))
    with pytest.raises(ConfigurationError, match="not built and compared"):
        work.swap(record.name)


def test_one_piece_of_work_at_a_time(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Rebuilding(app)
    go = threading.Event()
    recall = app.index.recall

    def slowly(sample: int = 100) -> object:
        assert go.wait(60)
        return recall(sample)

    monkeypatch.setattr(app.index, "recall", slowly)
    work.check(10)
    with pytest.raises(IndexBusyError, match="at work already"):
        work.build(None, 64, None)
    go.set()
    assert ended(work).phase == "done"


def test_a_clearly_worse_index_takes_over_only_by_force(app: App) -> None:
    work = Rebuilding(app)
    work.build(None, 64, None)
    name = ended(work).index
    comparison = work.compared(name)
    assert comparison is not None
    object.__setattr__(comparison, "found", (1.0, 0.5))
    with pytest.raises(VectorIndexError, match="clearly less"):
        work.swap(name)
    assert states(app)[name] == "ready"
