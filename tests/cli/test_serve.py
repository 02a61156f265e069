"""What the server does again and again beside its requests."""

from __future__ import annotations

import logging
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

    with caplog.at_level(logging.WARNING), _repeated("keep-on", call, 0.01):
        assert well.wait(20)
    warned, failed = [record for record in caplog.records if record.name == "assistant.cli.serve"]
    assert (warned.levelname, failed.levelname) == ("WARNING", "ERROR")
    assert failed.getMessage() == "keep-on failed"
    assert failed.exc_info is not None
