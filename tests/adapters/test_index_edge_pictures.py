"""Pictures in the Edge index: whose they are, that they stay, and that they stay apart from texts."""

from __future__ import annotations

import json

import numpy as np
import pytest

from assistant.adapters import points
from assistant.adapters.index_edge import EdgeIndex, open_edge_index
from assistant.errors import EmbedderMismatchError
from assistant.types import LOCAL_OPERATOR, User
from tests.adapters.index_folders import fast_folder
from tests.contracts.index_contract import ALICE, DIMENSION, PICTURES, QUERY, chunks, put, ref
from tests.contracts.index_pictures_contract import LIKE, put_picture, shown


@pytest.fixture
def folder():
    with fast_folder() as home:
        yield home / "index"


def opened(folder, pictures: tuple[str, int] | None = None) -> EdgeIndex:
    return open_edge_index(folder, "test", DIMENSION, pictures)


@pytest.mark.parametrize(("built", "asked"), [(PICTURES, None), (None, PICTURES), (PICTURES, ("looks", 7))])
def test_another_picture_embedder_is_refused(folder, built, asked):
    opened(folder, built).close()
    for _ in range(2):
        with pytest.raises(EmbedderMismatchError, match="embedded anew") as caught:
            opened(folder, asked)
        assert "ASSISTANT_PICTURE_EMBEDDER" in caught.value.hint
    opened(folder, built).close()


def test_pictures_are_there_after_reopening(folder):
    index = opened(folder, PICTURES)
    put_picture(index, ref("a.txt", allow={"group:hr"}), 0.5)
    index.close()
    index = opened(folder, PICTURES)
    (hit,) = index.search_pictures(LIKE, ALICE, 5)
    assert (hit.chunk.pictures, hit.score) == ((1,), pytest.approx(0.5))
    assert index.search_pictures(LIKE, User("x"), 5) == []
    assert index.counts().chunks == 1
    index.close()


def test_an_index_of_an_earlier_version_opens_and_gives_hits(folder, monkeypatch):
    """Its `embedder.json` names no picture embedder, and its points neither pictures nor captions."""
    index = opened(folder)
    assert json.loads((folder / "embedder.json").read_bytes()) == {"name": "test", "dimension": DIMENSION}
    whole = points.payload
    new = {"pictures", "captions", "notices"}
    monkeypatch.setattr(points, "payload", lambda *of: {k: v for k, v in whole(*of).items() if k not in new})
    put(index, ref("a.txt"), "text")
    index.close()
    index = opened(folder)
    (hit,) = index.search(QUERY, "text", LOCAL_OPERATOR, 3)
    assert (hit.chunk.text, hit.chunk.pictures, hit.chunk.captions) == ("text", (), "")
    index.close()


def test_rewriting_leaves_pictures_exact_and_apart(folder):
    """With more vectors than those below which the engine rewrites nothing, full ones and then int8 ones."""
    random = np.random.default_rng(12)
    index = open_edge_index(folder, "test", 384, ("looks", 512))
    looks = random.standard_normal((300, 512)).astype(np.float32)
    looks /= np.linalg.norm(looks, axis=1, keepdims=True)
    for number in range(60):
        document = ref(f"{number}.txt", allow={"group:hr" if number % 3 else "group:sales"})
        rows = random.standard_normal((125, 384)).astype(np.float32)
        index.write(document, chunks(document, *["text"] * 125), rows)
        index.write_pictures(document, shown(document, *range(1, 6), after=125), looks[5 * number :][:5])

    def exact() -> bool:
        readable = [row for row in range(300) if row // 5 % 3]
        for query in looks[:40]:
            best = sorted(readable, key=lambda row: -float(looks[row] @ query))[:10]
            hits = index.search_pictures(query, ALICE, 10)
            assert [hit.score for hit in hits] == pytest.approx([float(looks[row] @ query) for row in best], abs=1e-5)
            if [(hit.document_id, hit.chunk.ordinal - 125) for hit in hits] != [
                (ref(f"{row // 5}.txt").id, row % 5) for row in best
            ]:
                return False
        text = index.search(np.ones(384, dtype=np.float32), "text", LOCAL_OPERATOR, 9000)
        return len(text) == 60 * 125 and all(hit.chunk.ordinal < 125 for hit in text)

    assert exact()
    assert index.compact() is True
    assert exact()
    assert (index.counts().documents, index.counts().chunks) == (60, 60 * 125)
    index.close()
