"""Readers of LlamaHub, as they are installed, and what is no reader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from llama_index.core.readers.base import BaseReader
from llama_index.core.schema import Document

from assistant.errors import (
    ConfigurationError,
    DocumentTooLargeError,
    NotFoundError,
    SourceError,
    SourceUnreachableError,
)
from assistant.registry import load_registry
from assistant.types import Changed, Checkpoint
from plugins.llamaindex import LlamaIndexConfig, LlamaIndexSource

STRINGS = "llama_index.readers.string_iterable.StringIterableReader"
JSON = "llama_index.readers.json.JSONReader"


def source(reader: str, **more: Any) -> LlamaIndexSource:
    return LlamaIndexSource(LlamaIndexConfig.model_validate({"reader": reader, "refresh_seconds": 0, **more}))


def listed(one: LlamaIndexSource) -> dict[str, str | None]:
    changes = list(one.changes(None))
    assert changes[-1] == Checkpoint("", complete=True)
    return {change.key: change.version for change in changes if isinstance(change, Changed)}


def test_enters_by_the_same_register_as_any_plugin() -> None:
    assert "llamaindex" in load_registry().sources


def test_the_json_reader_of_llamahub(tmp_path: Path) -> None:
    file = tmp_path / "pages.jsonl"
    file.write_text("\n".join(json.dumps({"page": page}) for page in ("leave", "travel")))
    one = source(JSON, arguments={"is_jsonl": True, "clean_json": True}, load={"input_file": str(file)})
    marks = listed(one)
    assert listed(one) == marks
    texts = [one.fetch(key).data.decode() for key in marks]
    assert ["leave" in texts[0], "travel" in texts[1]] == [True, True]
    file.write_text(json.dumps({"page": "travel"}))
    assert list(listed(one)) == [list(marks)[1]]
    with pytest.raises(NotFoundError):
        one.fetch(next(iter(marks)))


def test_the_string_reader_of_llamahub() -> None:
    one = source(STRINGS, load={"texts": ["first", "second"]}, max_bytes=5)
    first, second = listed(one)
    assert one.fetch(first).data == b"first"
    assert one.fetch(first).title == first
    with pytest.raises(DocumentTooLargeError, match="6 bytes, the limit is 5"):
        one.fetch(second)
    assert listed(source(STRINGS, load={"texts": []})) == {}


class Pages(BaseReader):
    """Reads pages with metadata, as the readers of wikis do."""

    def __init__(self, token: str) -> None:
        self.token = token

    def load_data(self, fail: str = "") -> list[Document]:
        if fail == "silent":
            raise ConnectionResetError("gone")
        if fail:
            raise KeyError(f"no page for {self.token}")
        named = {"path": "a/b.md", "name": "Page B", "url": "https://x.example/b"}
        return [Document(text=text, metadata=named) for text in ("one", "two")]


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("llama_index.readers.json.Pages", Pages, raising=False)
    return "llama_index.readers.json.Pages"


def test_metadata_names_documents_and_parts_are_put_together(pages: str) -> None:
    one = source(pages, secrets={"token": "hush-hush-hush"}, key="path", title="name", link="url")
    assert list(listed(one)) == ["a/b.md"]
    raw = one.fetch("a/b.md")
    assert (raw.data, raw.title, raw.uri) == (b"one\n\ntwo", "Page B", "https://x.example/b")
    with pytest.raises(SourceError, match="no metadata 'nothing', only path, name, url"):
        listed(source(pages, secrets={"token": "x"}, key="nothing"))


def test_a_reader_that_fails_is_named_and_tells_no_secret(pages: str) -> None:
    config = {"reader": pages, "secrets": {"token": "hush-hush-hush"}, "load": {"fail": "yes"}}
    with pytest.raises(SourceError, match="fails: KeyError") as caught:
        list(load_registry().make_source("llamaindex", config).changes(None))
    assert "hush" not in str(caught.value)
    assert not caught.value.retryable
    with pytest.raises(SourceUnreachableError):
        listed(source(pages, secrets={"token": "x"}, load={"fail": "silent"}))


@pytest.mark.parametrize(
    ("reader", "why"),
    [
        ("llama_index.readers.nowhere.Reader", "pip install llama-index-readers-nowhere"),
        ("llama_index.readers.json.Nothing", "no reader"),
        ("llama_index.core.schema.Document", "is no LlamaIndex reader"),
        (JSON, "cannot be made: TypeError"),
    ],
)
def test_what_is_no_reader_is_said(reader: str, why: str) -> None:
    with pytest.raises(SourceError, match=why):
        listed(source(reader, arguments={"other": 1}))


@pytest.mark.parametrize("reader", ["os.system", "llama_index", "subprocess.Popen", "llama_index.readers..x"])
def test_nothing_else_is_imported(reader: str) -> None:
    with pytest.raises(ConfigurationError, match="reader"):
        load_registry().validate("llamaindex", {"reader": reader})
