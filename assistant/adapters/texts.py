"""Makes texts fit for tokenizers."""

from __future__ import annotations

from collections.abc import Iterator


def encodable(text: str) -> str:
    """Return the text with lone surrogates, which no tokenizer takes, replaced by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def pieces(text: str, length: int) -> Iterator[str]:
    """Cut a text after line ends or spaces, or where there are none, into pieces of at most `length` characters.

    Yields:
        The pieces, which joined are the text; at least one, which may be empty.
    """
    start = 0
    while len(text) - start > length:
        limit = start + length
        end = max(text.rfind("\n", start, limit), text.rfind(" ", start, limit)) + 1 or limit
        yield text[start:end]
        start = end
    yield text[start:]
