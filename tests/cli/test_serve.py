"""What the server does again and again beside its requests."""

from __future__ import annotations

import threading

import pytest

from assistant.cli.serve import _repeated
from assistant.errors import ServiceError


def test_what_is_repeated_goes_on_after_any_error(caplog: pytest.LogCaptureFixture) -> None:
    faults: list[Exception] = [ServiceError("it is away", "wait"), KeyError("a defect")]
    well = threading.Event()

    def call() -> None:
        if faults:
            raise faults.pop(0)
        well.set()

    with _repeated("keep-on", call, 0.01):
        assert well.wait(20)
    assert [record.levelname for record in caplog.records] == ["WARNING", "ERROR"]
    assert caplog.records[1].getMessage() == "keep-on failed"
    assert caplog.records[1].exc_info is not None
