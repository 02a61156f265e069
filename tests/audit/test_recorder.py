"""The recorder: whoever tells it waits for the commit, and those who wait at once share one."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence

import pytest

from assistant.audit import Recorder
from assistant.catalog import Act, Head
from assistant.errors import AuditUnavailableError, CatalogUnavailableError


class SlowLog:
    """Keeps batches, each after the gate was opened."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.gate, self.reached = threading.Event(), threading.Event()
        self.error: Exception | None = None

    def append(self, acts: Sequence[Act]) -> Head:
        self.reached.set()
        assert self.gate.wait(60)
        if self.error is not None:
            raise self.error
        self.batches.append([act.action for act in acts])
        return Head()


async def _recorded(recorder: Recorder) -> None:
    await recorder.recorded(Act("searched", "ann"))


def test_who_waits_at_once_shares_a_transaction() -> None:
    log = SlowLog()
    recorder = Recorder(log)
    done: list[str] = []

    def record(name: str) -> None:
        recorder.record(Act(name, "ann"))
        done.append(name)

    threads = [threading.Thread(target=record, args=(f"a{number}",)) for number in range(8)]
    threads[0].start()
    assert log.reached.wait(60)  # its act is taken, and waits at the gate
    for thread in threads[1:]:
        thread.start()
    deadline = time.monotonic() + 60
    while len(recorder._waiting) < 7:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    assert done == []  # nobody goes on before the commit
    log.gate.set()
    for thread in threads:
        thread.join(60)
    assert sorted(done) == [f"a{number}" for number in range(8)]
    assert [len(batch) for batch in log.batches] == [1, 7]
    assert log.batches[0] == ["a0"]
    recorder.close()


@pytest.mark.parametrize("error", [CatalogUnavailableError("locked"), RuntimeError("not foreseen")])
def test_what_cannot_be_kept_refuses_those_who_wait_and_is_tried_again(error: Exception) -> None:
    log = SlowLog()
    log.gate.set()
    log.error = error
    recorder = Recorder(log)
    with pytest.raises(AuditUnavailableError, match="nothing is done or shown") as raised:
        recorder.record(Act("searched", "ann"))
    assert raised.value.retryable
    with pytest.raises(AuditUnavailableError):
        asyncio.run(_recorded(recorder))
    log.error = None
    asyncio.run(_recorded(recorder))
    assert log.batches == [["searched"]]
    recorder.close()


def test_closing_keeps_what_waits_and_refuses_what_comes() -> None:
    log = SlowLog()
    recorder = Recorder(log)
    thread = threading.Thread(target=recorder.record, args=(Act("searched", "ann"),))
    thread.start()
    while not recorder._thread:
        time.sleep(0.001)
    closing = threading.Thread(target=recorder.close)
    closing.start()
    log.gate.set()
    closing.join(10)
    thread.join(10)
    assert log.batches == [["searched"]]
    with pytest.raises(AuditUnavailableError, match="closed"):
        recorder.record(Act("searched", "ann"))


def test_an_act_waits_a_moment_for_those_that_are_to_come_and_no_longer() -> None:
    log = SlowLog()
    log.gate.set()
    recorder = Recorder(log)
    recorder.expect()
    recorder.expect()
    started = time.monotonic()
    recorder.record(Act("a", "ann"))  # the other does not come in time
    assert time.monotonic() - started < 60
    recorder.expected()
    first = threading.Thread(target=recorder.record, args=(Act("b", "ann"),))
    recorder.expected()
    first.start()
    first.join(60)
    recorder.record(Act("c", "ann"))  # nobody is expected: at once
    assert log.batches == [["a"], ["b"], ["c"]]
    recorder.close()
