"""What a reader sees of Markdown."""

import pytest

from assistant.answer.markup import visible


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        (r"At most 5\% of MAX\_SIZE \(see 3\.1\)\*", "At most 5% of MAX_SIZE (see 3.1)*"),
        (r"\*no emphasis\* and *some*", "*no emphasis* and some"),
        (r"2\. Second", "2. Second"),
        (r"C:\Users\ann and \\server\share", r"C:\Users\ann and \\server\share"),
        (r"\\.\pipe", r"\\.\pipe"),
        (r"a \| b", "a | b"),
        ("**bold**, __bold__ and `code`", "bold, bold and code"),
        ("snake_case stays", "snake_case stays"),
    ],
)
def test_marks_and_escapes_are_not_seen(written: str, seen: str) -> None:
    assert visible(written) == seen
