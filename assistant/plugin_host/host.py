"""Runs one plugin in processes of their own, with limits of time, memory and size."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from assistant.catalog import mask_text
from assistant.errors import AssistantError, PluginError, ServiceError
from assistant.parsing.process.child import Child
from assistant.plugin_host.messages import complete, frame, split, unpack_error
from assistant.registry import Place

_START_SECONDS = 60.0
_CLOSE_SECONDS = 5.0
_SERVED = 1000  # requests of one process
_PROCESSES = 8
_IDLE_SECONDS = 300.0
_WORDS = 16_384  # bytes of what a plugin logs with one request

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HostLimits:
    """What a plugin's process may take: seconds for one answer, memory, and bytes of one document."""

    seconds: float
    memory_bytes: int
    max_bytes: int


class PluginHost:
    """The processes of one plugin; they start when needed. Safe to use from several threads.

    Args:
        place: where the plugin is.
        limits: of each process.
        network: whether it may use the network.
        on_trouble: told in a line what an admin should know: that it broke, or logged a secret.
    """

    def __init__(
        self, place: Place, limits: HostLimits, *, network: bool, on_trouble: Callable[[str], None] = log.warning
    ) -> None:
        self._place = place
        self._limits = limits
        self._network = network
        self._on_trouble = on_trouble
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(_PROCESSES)
        self._idle: list[tuple[float, _Process]] = []
        self._living: set[_Process] = set()
        self._closed = False
        # The kernel ends a child when the *thread* that started it ends, so that one thread starts them all.
        self._starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="plugin-starter")

    @property
    def name(self) -> str:
        """The plugin's name."""
        return self._place.name

    def describe(self) -> dict[str, Any]:
        """Return what the plugin says of itself and offers, as its process sends it.

        Raises:
            PluginError: it cannot be loaded, or is for another version of the interface.
        """
        with self._process((), PluginError) as process:
            return process.described

    def ask(
        self,
        request: Mapping[str, Any],
        *,
        hidden: Sequence[str] = (),
        failure: type[AssistantError] = PluginError,
    ) -> tuple[dict[str, Any], bytes]:
        """Return a process's answer to one request.

        Args:
            request: see `worker`.
            hidden: the secrets in it, which no error and no line of the log may show.
            failure: what is raised where the plugin breaks, hangs or answers with rubbish.

        Raises:
            AssistantError: what the plugin raised, or `failure`.
        """
        with self._process(hidden, failure) as process:
            return self._exchange(process, request, hidden, failure)

    def stream(
        self, request: Mapping[str, Any], *, hidden: Sequence[str], failure: type[AssistantError]
    ) -> Iterator[dict[str, Any]]:
        """Yield the answers to a request that has many, each when it is wanted; raises as `ask`.

        Where the caller stops before the end, the plugin is told so, and its process ended if it does not obey.
        """
        with self._process(hidden, failure) as process:
            is_open = False  # whether the process waits for what the caller wants next
            try:
                answer, _ = self._exchange(process, request, hidden, failure)
                while True:
                    is_open = not answer.get("end")
                    yield answer
                    if not is_open:
                        return
                    is_open = False
                    answer, _ = self._exchange(process, {"do": "next"}, hidden, failure)
            finally:
                if is_open:
                    with contextlib.suppress(AssistantError):
                        self._exchange(process, {"do": "stop"}, hidden, failure, _CLOSE_SECONDS)

    def close(self) -> None:
        """End all processes; what they are doing fails."""
        with self._lock:
            self._closed = True
            idle, self._idle = [process for _, process in self._idle], []
            busy = self._living.difference(idle)
        for process in busy:
            process.kill()  # whoever waits for it gives it back
        for process in idle:
            process.end()
        self._starter.shutdown()

    @contextlib.contextmanager
    def _process(self, hidden: Sequence[str], failure: type[AssistantError]) -> Iterator[_Process]:
        with self._free:
            process = self._taken() or self._start(hidden, failure)
            try:
                yield process
            finally:
                self._give_back(process)

    def _exchange(
        self,
        process: _Process,
        request: Mapping[str, Any],
        hidden: Sequence[str],
        failure: type[AssistantError],
        seconds: float | None = None,
    ) -> tuple[dict[str, Any], bytes]:
        seconds = self._limits.seconds if seconds is None else seconds
        what = f"the plugin {self.name!r}"
        process.served += 1
        try:
            answer, blob = process.ask(request, seconds, self._limits.max_bytes)
        except TimeoutError as error:
            process.kill()
            raise self._trouble(
                failure,
                f"{what} ran over its limit of {seconds:g} seconds while it did {request['do']!r} and was ended",
                "raise ASSISTANT_PLUGIN_SECONDS if that is too little, or report it to the plugin's author",
            ) from error
        except (EOFError, OSError, ValueError) as error:
            process.kill()
            cause = process.cause() if isinstance(error, (EOFError, OSError)) else f"answered with rubbish: {error}"
            raise self._trouble(failure, mask_text(f"{what} {cause}", hidden), "see the log") from error
        finally:
            self._log(process.take_words(_WORDS), hidden)
        if "error" in answer:
            if answer.get("full"):
                process.kill()
            raised = unpack_error(answer)
            raised = type(raised)(mask_text(raised.message, hidden), mask_text(raised.hint, hidden))
            if answer.get("full") or answer.get("unknown"):
                raise self._trouble(failure, raised.message, raised.hint)
            raise raised
        return answer, blob

    def _trouble(self, failure: type[AssistantError], message: str, hint: str) -> AssistantError:
        self._on_trouble(message)
        return failure(message, hint)

    def _log(self, words: str, hidden: Sequence[str]) -> None:
        shown = mask_text(words, hidden)
        if shown != words:
            self._on_trouble(f"the plugin {self.name!r} logged a secret of its configuration; the log shows a mask")
        for line in shown.splitlines():
            log.info("plugin %s: %s", self.name, line)

    def _taken(self) -> _Process | None:
        """Return an idle process; end those that were idle for long."""
        with self._lock:
            now = time.monotonic()
            stale = [one for since, one in self._idle if now - since > _IDLE_SECONDS or not one.alive]
            self._idle = [(since, one) for since, one in self._idle if one not in stale]
            taken = self._idle.pop()[1] if self._idle else None
            self._living.difference_update(stale)
        for process in stale:
            process.end()
        return taken

    def _start(self, hidden: Sequence[str], failure: type[AssistantError]) -> _Process:
        with self._lock:
            if self._closed:
                raise ServiceError(f"the plugin {self.name!r} is closed", "try again")
            try:
                process = self._starter.submit(_Process, self._place, self._limits, self._network).result()
            except OSError as error:
                raise ServiceError(f"a process for a plugin cannot be started: {error}") from error
            self._living.add(process)
        try:
            process.described, _ = self._exchange(process, {"do": "start"}, hidden, failure, _START_SECONDS)
        except BaseException:
            process.kill()
            self._give_back(process)
            raise
        return process

    def _give_back(self, process: _Process) -> None:
        with self._lock:
            if process.alive and process.served < _SERVED and not self._closed:
                self._idle.append((time.monotonic(), process))
                return
            self._living.discard(process)
        process.end()


class _Process(Child):
    """One process of a plugin."""

    def __init__(self, place: Place, limits: HostLimits, network: bool) -> None:
        arguments = [place.text, str(limits.memory_bytes), "1" if network else "0"]
        super().__init__("assistant.plugin_host.worker", arguments, limits.memory_bytes)
        self.described: dict[str, Any] = {}
        self._doomed = False

    @property
    def alive(self) -> bool:
        """Whether the process runs and nobody has begun to end it."""
        return not self._doomed and super().alive

    def kill(self) -> None:
        """See `Child.kill`."""
        self._doomed = True
        super().kill()

    def ask(self, request: Mapping[str, Any], seconds: float, max_bytes: int) -> tuple[dict[str, Any], bytes]:
        """Send a request and return the answer; the first answer comes by itself."""
        outgoing = b"" if request["do"] == "start" else frame(request)
        deadline = time.monotonic() + seconds
        return split(self.exchange(outgoing, deadline, lambda incoming: complete(incoming, max_bytes)))
