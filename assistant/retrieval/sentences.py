"""Parts a text into sentences, roughly and fast: where one may begin to read."""

from __future__ import annotations

import re

# behind a mark that ends a sentence, with quotes and brackets, also where a blank stands before it, and at line ends
_END = re.compile(r"(?<=[.!?])[\"')\]»”]*\s+|[。！？]+[」』）]*\s*|\n+|(?<=\s[.!?])\s")  # noqa: RUF001 (Chinese marks)

Spans = list[tuple[int, int]]


def sentence_spans(text: str) -> Spans:
    """Return start and end of each sentence in order; together they hold every character but blanks between them."""
    cuts = [match.end() for match in _END.finditer(text)]
    spans: Spans = []
    start = 0
    for cut in [*cuts, len(text)]:
        content = text[start:cut].strip()
        if content:
            first = text.index(content, start)
            spans.append((first, first + len(content)))
            start = cut
    return spans
