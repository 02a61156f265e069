from __future__ import annotations

import re
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.chunking import TokenChunker
from assistant.chunking.headings import plain
from assistant.errors import IngestError
from assistant.parsing.texts.markdown import MarkdownParser
from assistant.types import Block, BlockKind, Chunk, Document, DocumentRef
from tests.contracts.chunker_contract import ChunkerContract, check_chunks, make_document

_TOKEN = re.compile(r"\w{1,4}|[^\w\s]")


def count(texts: Sequence[str]) -> list[int]:
    """Tokens of up to four letters, as a stand-in for an embedder's."""
    return [len(_TOKEN.findall(text)) for text in texts]


def count_oddly(texts: Sequence[str]) -> list[int]:
    """Tokens that do not add up: two texts joined have more than the two alone."""
    return [tokens + tokens * tokens // 400 for tokens in count(texts)]


def markdown(text: str) -> Document:
    ref = DocumentRef("files", "a.md", "v1", "A", "", "text/markdown")
    return MarkdownParser().parse(ref, text.encode("utf-8", errors="replace"))


def chunks_of(text: str, tokens: int) -> list[Chunk]:
    return TokenChunker(count, tokens, "fake").chunk(markdown(text))


class TestTokenChunker(ChunkerContract):
    @pytest.fixture
    def chunker(self):
        return TokenChunker(count, 40, "fake")


def test_every_chunk_of_a_table_but_the_first_carries_its_header() -> None:
    rows = "\n".join(f"| City {number} | {number} euros |" for number in range(40))
    chunks = chunks_of(f"Before.\n\n| City | Limit |\n| --- | --- |\n{rows}\n\nAfter, at length: {'word ' * 40}", 60)
    inside = [chunk for chunk in chunks if chunk.text.startswith("| City ") and "City | Limit" not in chunk.text]
    assert len(inside) > 3
    assert {chunk.table_header for chunk in inside} == {"| City | Limit |"}
    assert {chunk.table_header for chunk in chunks if chunk not in inside} == {""}


def test_a_chunk_says_which_of_its_characters_are_notices() -> None:
    notice = f"[Pages {', '.join(str(number) for number in range(0, 200, 2))} were not read]"
    parts = ["Before, at length. " * 5, "[Page 1: not read]", "Between.", "[Page 2: not read]", notice, "After."]
    blocks, text = [], ""
    for part in map(str.strip, parts):
        text += "\n\n" if text else ""
        kind: BlockKind = "notice" if part.startswith("[") else "text"
        blocks.append(Block(kind, part, len(text), len(text) + len(part)))
        text += part
    document = make_document(text, tuple(blocks))
    for limit in (10, 40, 1000):
        chunker = TokenChunker(count, limit, "fake")
        check_chunks(document, chunker)
        chunks = chunker.chunk(document)
        told = {place for chunk in chunks for span in chunk.notices for place in range(*span)}
        real = {place for span in document.notices for place in range(*span)}
        assert {place for place in told if not text[place].isspace()} == {p for p in real if not text[p].isspace()}
        assert all(chunk.start <= low < high <= chunk.end for chunk in chunks for low, high in chunk.notices)
        own = " ".join(chunk.own_text for chunk in chunks)
        assert own.split() == f"{parts[0]} Between. After.".split()
        assert all(chunk.own_text == chunk.text for chunk in chunks if not chunk.notices)


def test_a_document_without_notices_is_its_own_text() -> None:
    document = make_document("One [two] three.", (Block("text", "One [two] three.", 0, 16),))
    assert document.notices == ()
    assert document.own_text is document.text
    odd = make_document("abcdef", (Block("notice", "cd", 2, 4), Block("notice", "bc", 1, 3)))
    assert odd.own_text == "a   ef"


TEXTS = st.text(max_size=600) | st.lists(
    st.sampled_from(
        ["word ", "Sentence end. ", "\n", "\r\n\r\n", "# Heading\n", "\u6f22\u3002", "\U0001f600", "x" * 90]
    ),
    max_size=150,
).map("".join)


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.integers(32, 80))
def test_any_text_is_covered_exactly_within_the_limit(text: str, tokens: int):
    chunker = TokenChunker(count, tokens, "fake")
    document = make_document(text)
    check_chunks(document, chunker)
    assert all(size <= tokens for size in count([chunk.text for chunk in chunker.chunk(document)]))
    try:
        check_chunks(markdown(text), chunker)
    except IngestError:
        return


@settings(max_examples=50, deadline=None)
@given(TEXTS)
def test_tokens_that_do_not_add_up(text: str):
    chunker = TokenChunker(count_oddly, 50, "fake")
    document = make_document(text)
    check_chunks(document, chunker)
    assert all(size <= 50 for size in count_oddly([chunk.text for chunk in chunker.chunk(document)]))


def test_line_endings_do_not_move_the_cuts():
    text = "# Top\n\n" + "A line that ends\nin the middle. And so on.\n" * 6 + "\nNew paragraph.\n" * 9
    unix, windows = chunks_of(text, 50), chunks_of(text.replace("\n", "\r\n"), 50)
    assert [chunk.text for chunk in unix] == [chunk.text.replace("\r\n", "\n") for chunk in windows]


def test_text_without_tokens_takes_no_time():
    started = time.process_time()
    chunks = TokenChunker(lambda texts: [0] * len(texts), 200, "fake").chunk(make_document("\u200bx\n" * 8_000))
    assert len(chunks) > 5
    assert time.process_time() - started < 5


def test_sections_start_chunks_and_name_their_path():
    body = "Some words that fill it up. " * 4
    text = f"# Top\n\n{body}\n\n## One *two*\n\n{body}\n\n### Deep\n\n{body}\n\n## Last\n\n{body}"
    chunks = chunks_of(text, 60)
    assert [chunk.text.split("\n")[0] for chunk in chunks] == ["# Top", "## One *two*", "### Deep", "## Last"]
    assert [chunk.heading_path for chunk in chunks] == [
        ("Top",),
        ("Top", "One two"),
        ("Top", "One two", "Deep"),
        ("Top", "Last"),
    ]


def test_small_sections_share_a_chunk_under_their_common_path():
    text = "# Top\n\n" + "".join(f"## Part {n}\n\nA line.\n\n" for n in range(4))
    chunks = chunks_of(text, 100)
    assert len(chunks) == 1
    assert chunks[0].heading_path == ("Top",)


def test_a_heading_stays_with_its_text():
    text = "Filling words come first here. " * 8 + "\n\n## Heading\n\n" + "Then the text of the section. " * 8
    for tokens in range(40, 120, 5):
        assert not any(chunk.text.endswith("## Heading") for chunk in chunks_of(text, tokens))


def test_tables_and_code_that_fit_stay_whole():
    table = "| A | B |\n| - | - |\n" + "| 1 | 2 |\n" * 3
    code = "```\n" + "call()\n\nother()\n" * 2 + "```\n"
    words = "Several words go before and after. " * 5
    chunks = chunks_of(f"{words}\n\n{table}\n{words}\n\n{code}\n{words}", 60)
    assert sum(table.strip() in chunk.text for chunk in chunks) == 1
    assert sum(code.strip() in chunk.text for chunk in chunks) == 1


def test_a_heading_stays_with_the_first_of_a_text_that_is_cut():
    for body in ("Then a long text goes on. " * 40, "| A | B |\n| - | - |\n" + "| one two | three |\n" * 40):
        for heading in ("## Heading", "# Top\n\n## Heading", "Heading\n-------"):
            chunks = chunks_of(f"Words before.\n\n{heading}\n\n{body}", 50)
            assert len(chunks) > 3
            assert all(re.search(r"Heading\W+[a-zA-Z]", chunk.text) for chunk in chunks if "Heading" in chunk.text)


def test_wrapped_paragraphs_that_fit_stay_whole():
    paragraph = "Some words of a sentence\nthat goes on here. And\none more of them.\n"
    assert all(chunk.text.endswith("them.") for chunk in chunks_of("\n".join([paragraph] * 9), 50))


def test_a_long_table_is_cut_between_rows():
    table = "| A | B |\n| - | - |\n" + "| one two | three |\n" * 40
    for chunk in chunks_of(table, 50):
        assert chunk.text.startswith("|")
        assert chunk.text.endswith("|")


def test_the_version_names_all_that_moves_the_cuts():
    versions = {
        TokenChunker(count, 100, "a").version,
        TokenChunker(count, 101, "a").version,
        TokenChunker(count, 100, "b").version,
    }
    assert len(versions) == 3


def test_threads_share_a_chunker():
    chunker = TokenChunker(count, 50, "fake")
    document = markdown("# T\n\n" + "Some words go here. " * 200)
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda _: chunker.chunk(document), range(8)))
    assert all(result == results[0] for result in results)


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        ("Plain", "Plain"),
        ("**Bold** and `code`", "Bold and code"),
        ("The [link](http://x.y/z) here", "The link here"),
        ("![alt](a.png) [ref][1]", "alt ref"),
        ("Title {#anchor .class}", "Title"),
        ("snake_case and 2 * 3 * 4", "snake_case and 2 * 3 * 4"),
        ("two\r\nlines", "two lines"),
    ],
)
def test_plain_headings(heading: str, text: str):
    assert plain(heading) == text
