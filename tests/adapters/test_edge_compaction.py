"""A shard is rewritten in another process, and nothing that happens meanwhile is lost."""

from __future__ import annotations

import threading
from contextlib import nullcontext

import numpy as np
import pytest

from assistant.adapters import edge_compaction as compaction
from assistant.adapters import edge_recall, recall, search_plan
from assistant.adapters.disk import MEGABYTE, copy_sparsely
from assistant.adapters.index_edge import open_edge_index
from assistant.errors import IndexUnavailableError, StorageError, VectorIndexError
from assistant.types import LOCAL_OPERATOR, Access
from assistant.types.recall import Recall
from tests.adapters.index_folders import fast_folder
from tests.contracts.index_contract import ALICE, BOB, DIMENSION, PICTURES, chunks, found, put, ref
from tests.contracts.index_pictures_contract import LIKE, put_picture

REWRITE = compaction.rewrite


@pytest.fixture
def folder():
    with fast_folder() as home:
        yield home / "index"


def opened(folder):
    return open_edge_index(folder, "test", DIMENSION, PICTURES)


def shards(folder):
    return sorted(entry.name for entry in folder.iterdir() if entry.is_dir())


def test_what_happens_meanwhile_is_in_the_rewritten_index(folder, monkeypatch):
    index = opened(folder)
    for key in ("kept", "edited", "deleted", "shown"):
        put(index, ref(key, allow={"group:hr"}), f"{key} before")
    put_picture(index, ref("kept", allow={"group:hr"}))

    def meanwhile(*given):
        put(index, ref("added"), "added text")
        put(index, ref("edited", version="2", allow={"group:hr"}), "edited anew", "and longer")
        index.delete(ref("edited").id, keep_version="2")
        index.delete(ref("deleted").id)
        index.set_access(ref("shown").id, Access(frozenset({"group:sales"})))
        assert found(index, LOCAL_OPERATOR, "added") >= {ref("added").id}, "searches go on"
        return REWRITE(*given)

    monkeypatch.setattr(compaction, "rewrite", meanwhile)
    assert index.compact() is True
    for _ in range(2):
        assert index.versions() == {
            ref("kept").id: {"1"}, ref("edited").id: {"2"}, ref("added").id: {"1"}, ref("shown").id: {"1"}
        }  # fmt: skip
        assert found(index, ALICE, "before") == {ref("kept").id, ref("edited").id}
        assert ref("shown").id in found(index, BOB, "before")
        assert [hit.document_id for hit in index.search_pictures(LIKE, ALICE, 3)] == [ref("kept").id]
        assert len(shards(folder)) == 1
        assert shards(folder) != ["shard"]
        index.close()
        index = opened(folder)
    index.close()


def test_what_is_written_afterwards_stays(folder):
    index = opened(folder)
    put(index, ref("a"), "text")
    assert index.compact() is True
    put(index, ref("b"), "text")
    assert index.compact() is True
    index.close()
    index = opened(folder)
    assert set(index.versions()) == {ref("a").id, ref("b").id}
    assert len(shards(folder)) == 1
    index.close()


def test_a_failure_leaves_everything_as_it_was(folder, monkeypatch):
    index = opened(folder)
    put(index, ref("a"), "text")
    monkeypatch.setattr(compaction.sys, "executable", "/bin/false")
    with pytest.raises(VectorIndexError, match="could not be rewritten"):
        index.compact()
    assert shards(folder) == ["shard"]
    assert set(index.versions()) == {ref("a").id}
    index.close()


def test_what_a_killed_compaction_left_is_removed(folder):
    opened(folder).close()
    (folder / "shard-2").mkdir()
    index = opened(folder)
    assert shards(folder) == ["shard"]
    index.close()
    (folder / "built.json").write_text('{"shard": 3}')
    with pytest.raises(StorageError, match=r"built\.json cannot be read"):
        opened(folder)


class _Former:
    """A shard that cannot be closed."""

    def __init__(self, shard, error):
        self._shard, self._error = shard, error

    def __getattr__(self, name):
        return getattr(self._shard, name)

    def close(self):
        raise self._error


@pytest.mark.parametrize("error", [OSError("No space left on device"), KeyboardInterrupt()])
def test_once_it_counts_nothing_that_goes_wrong_takes_it_away(folder, error):
    index = opened(folder)
    put(index, ref("a"), "text")
    index._shard = _Former(index._shard, error)
    if isinstance(error, OSError):
        assert index.compact() is True
    else:
        with pytest.raises(KeyboardInterrupt):
            index.compact()
    put(index, ref("b"), "text")
    for _ in range(2):
        assert set(index.versions()) == {ref("a").id, ref("b").id}
        index.close()
        index = opened(folder)
    assert len(shards(folder)) == 1
    index.close()


def test_an_interrupt_right_after_it_was_recorded_loses_nothing(folder, monkeypatch):
    index = opened(folder)
    put(index, ref("a"), "text")
    adopt = index._place.adopt

    def interrupted(built):
        adopt(built)
        raise KeyboardInterrupt

    monkeypatch.setattr(index._place, "adopt", interrupted)
    with pytest.raises(KeyboardInterrupt):
        index.compact()
    monkeypatch.undo()
    put(index, ref("b"), "text")
    index.close()
    index = opened(folder)
    assert set(index.versions()) == {ref("a").id, ref("b").id}
    index.close()


def test_a_shard_that_is_missing_costs_no_other_one(folder):
    index = opened(folder)
    put(index, ref("a"), "text")
    index.close()
    (folder / "built.json").write_text('{"shard": "shard-2", "graph": false, "points": 1}')
    with pytest.raises(StorageError, match=r"is missing .*sync the sources"):
        opened(folder)
    assert shards(folder) == ["shard"]
    (folder / "shard-2").mkdir()  # damaged: nothing in it can be loaded
    with pytest.raises(VectorIndexError):
        opened(folder)
    assert "shard" in shards(folder)


def test_holes_stay_holes_in_a_copy(tmp_path):
    original, copy = tmp_path / "original", tmp_path / "copy"
    (original / "inner").mkdir(parents=True)
    with (original / "inner" / "sparse").open("wb") as file:
        file.write(b"begin")
        file.seek(32 * MEGABYTE)
        file.write(b"end")
        file.truncate(64 * MEGABYTE)
    copy_sparsely(original, copy)
    copied = copy / "inner" / "sparse"
    assert copied.read_bytes() == (original / "inner" / "sparse").read_bytes()
    assert copied.stat().st_blocks * 512 < 4 * MEGABYTE


def test_closing_ends_it(folder, monkeypatch):
    index = opened(folder)
    put(index, ref("a"), "text")
    begun, failures = threading.Event(), []
    monkeypatch.setattr(compaction, "rewrite", lambda *given: (begun.set(), REWRITE(*given)))
    monkeypatch.setattr(compaction, "_await", _never)

    def compact():
        try:
            index.compact()
        except IndexUnavailableError as error:
            failures.append(error)

    thread = threading.Thread(target=compact)
    thread.start()
    assert begun.wait(120)
    index.close()
    thread.join(120)
    assert len(failures) == 1
    index = opened(folder)
    assert set(index.versions()) == {ref("a").id}
    index.close()


def _never(_, should_stop):
    """Wait as for a process that takes for ever."""
    waiting = threading.Event()
    while not should_stop():
        waiting.wait(0.02)
    raise IndexUnavailableError("closed", "")


def test_only_one_at_a_time(folder, monkeypatch):
    index = opened(folder)
    put(index, ref("a"), "text")
    seen = []
    monkeypatch.setattr(compaction, "rewrite", lambda *given: (seen.append(index.compact()), REWRITE(*given))[1])
    assert index.compact() is True
    assert seen == [False]
    index.close()


def test_upkeep_waits_until_it_is_worth_it(folder, monkeypatch):
    index = opened(folder)
    put(index, ref("a"), "text")
    monkeypatch.setattr(index._upkeep, "_idle_since", float("-inf"))
    assert index.upkeep() is False
    monkeypatch.setattr(search_plan, "_DUE", 1)
    assert index.upkeep() is True
    assert index.upkeep() is False
    index.close()


@pytest.fixture(scope="module")
def large():
    """A closed index above the 10 MB of vectors below which the engine rewrites nothing."""
    with fast_folder() as home:
        random = np.random.default_rng(5)
        index = open_edge_index(home / "index", "test", 384)
        for number in range(90):
            document = ref(f"{number}", allow={"group:hr" if number % 10 == 0 else "group:sales"})
            rows = random.standard_normal(384) + 0.7 * random.standard_normal((80, 384))
            rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
            index.write(document, chunks(document, *["text"] * 80), rows)
        index.flush()
        with index._engine() as shard:
            index._wrote = False
            path = home / "index" / "shard"
            assert shard.info().points_count == 7200
        index.close()
        yield path


def test_a_graph_is_built_where_it_finds_enough_and_no_other(large, monkeypatch):
    monkeypatch.setattr(search_plan, "GRAPH_FROM", 7000)
    with monkeypatch.context() as strict:
        strict.setattr(recall, "LEAST", 1.01)
        refused = compaction._rewritten(large, compaction.Layout(384))
        assert not refused.has_graph
        assert refused.recall.worst >= 0.98
    done = compaction._rewritten(large, compaction.Layout(384))
    assert done.has_graph
    assert done.recall.worst >= recall.LEAST
    assert [share.readable for share in done.recall.shares] == [1.0, 0.9, 0.1]


def test_a_search_that_loses_results_is_found_out(large, monkeypatch):
    from qdrant_edge import EdgeShard, SearchParams

    shard = EdgeShard.load(str(large))
    compaction_of_all = edge_recall.measure(lambda: nullcontext(shard), 30, has_graph=False)
    assert compaction_of_all.worst >= 0.98
    narrow = SearchParams(hnsw_ef=1)
    monkeypatch.setattr(edge_recall.queries, "planned", lambda *_, **__: narrow)
    monkeypatch.setattr(edge_recall.queries.points, "pool", lambda limit: limit)
    lossy = edge_recall.measure(lambda: nullcontext(shard), 30, has_graph=True)
    assert lossy.shares[0].recall < recall.LEAST  # about 0.9; each graph is another one
    shard.close()


def test_an_empty_index_has_lost_nothing(folder):
    index = opened(folder)
    assert index.recall() == Recall(recall.BEST, 0)
    assert index.recall().worst == 1.0
    index.close()
