"""An error of the scripted API."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 (an answer, not an error of the tests)
    """An HTTP error with the contract's body."""

    def __init__(self, status: int, error: str, hint: str, code: str) -> None:
        super().__init__(error)
        self.status, self.body = status, {"error": error, "hint": hint, "code": code}
