"""Starts and stops what `assistant up` runs: the index's owner, the API, the worker with beat, and the web UI."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

import uvicorn

from assistant.agent import load_graphs
from assistant.app import App, build
from assistant.app.traces import tracing
from assistant.cli.draining import DrainingServer
from assistant.errors import AssistantError, ConfigurationError, IndexUnavailableError, PortInUseError, ServiceError
from assistant.interfaces import Index
from assistant.settings import Settings, url_host
from assistant.types import KEEP_ALIVE_SECONDS, LOCAL_OPERATOR
from workers.celery_app import make_celery
from workers.embedded import CeleryQueue, EmbeddedWorker

log = logging.getLogger(__name__)
_UI_SECONDS = 300.0  # a machine that has other work takes its time
_FOLLOW_SECONDS = 1.0
_UPKEEP_SECONDS = 15.0


def serve(settings: Settings, say: Callable[[str], None], *, with_ui: bool = True, with_index: bool = True) -> None:
    """Run until a signal ends it.

    Args:
        settings: ports of 0 are replaced by free ones.
        say: told the address when everything is ready.
        with_ui: whether the web UI runs beside the API.
        with_index: whether this process owns the in-process index; else the one that does is waited for, and asked.

    Raises:
        ConfigurationError: the address is not loopback, and there is no sign-in to guard it.
        PortInUseError, HomeInUseError: nothing was started.
        ServiceError: the web UI ended by itself.
    """
    if settings.sign_in == "none":
        _must_be_loopback(settings.host)
    if with_ui and settings.port == settings.ui_port != 0:
        raise ConfigurationError(f"API and UI cannot both listen on port {settings.port}", "choose another --ui-port")
    settings = settings.model_copy(
        update={
            "port": _free_port(settings.host, settings.port),
            "ui_port": _free_port(settings.host, settings.ui_port) if with_ui else settings.ui_port,
        }
    )
    with _parts(settings, with_index) as (app, queue):
        from assistant.api import create_api
        from assistant.api.connections import TimedProtocol

        _warm(app)
        for line in _first_steps(app):
            say(line)
        config = uvicorn.Config(
            create_api(app, queue),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            http=TimedProtocol,
            ws="none",
            server_header=False,
            proxy_headers=True,
            forwarded_allow_ips="127.0.0.1",  # the UI, or a proxy, of this machine; `trusted_proxies` names others
            timeout_graceful_shutdown=5,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
        server = DrainingServer(config, lambda: app.conversations.room.taken)
        (_run if with_ui else _run_alone)(server, settings, say)


@contextlib.contextmanager
def _parts(settings: Settings, with_index: bool) -> Iterator[tuple[App, CeleryQueue]]:
    """Run all that stands behind the API, traced where the settings say so."""
    with (
        tracing(settings, "api"),
        build(settings, owns_index=with_index, asks_owner=not with_index) as app,
        _owner(app, with_index),
        _following(app),
        _jobs(app) as queue,
        _kept_up(app),
    ):
        yield app, queue


def _first_steps(app: App) -> list[str]:
    """Return what to do where people sign in and nobody can do so as an admin."""
    if app.settings.sign_in == "none" or app.settings.oidc_admin_groups:
        return []
    people = app.people.all(LOCAL_OPERATOR)
    if any(one.role == "admin" and not one.disabled and (one.has_password or one.external_id) for one in people):
        return []
    return [
        "Nobody can sign in as an admin yet. In another terminal:",
        "  assistant users add YOUR-ID --role admin",
        "  assistant users password YOUR-ID --generate",
    ]


def _run(server: uvicorn.Server, settings: Settings, say: Callable[[str], None]) -> None:
    """Run the API in this thread and the UI beside it; each ends the other."""
    failed: list[str] = []
    with _ui(settings) as ui:

        def watch() -> None:
            if _ui_ready(settings, ui, server):
                page = f"http://{url_host(settings.host)}:{settings.ui_port}"
                say(f"Assistant is ready: {page}  (API: {settings.api_base}/openapi.json)")
                say(f"Data: {settings.home}   Stop: Ctrl-C")
            code = ui.wait()
            if not server.should_exit:
                failed.append(f"the web UI ended with exit code {code}")
                server.should_exit = True

        threading.Thread(target=watch, name="watch-ui", daemon=True).start()
        _leave_signals_to(server)
        server.run()
    if failed:
        raise ServiceError(failed[0], "its last lines are above")


def _run_alone(server: uvicorn.Server, settings: Settings, say: Callable[[str], None]) -> None:
    """Run the API in this thread."""

    def tell() -> None:
        while not (server.started or server.should_exit):
            time.sleep(0.1)
        if server.started:
            say(f"Assistant's API is ready: {settings.api_base}/openapi.json   Data: {settings.home}")

    threading.Thread(target=tell, name="tell-ready", daemon=True).start()
    _leave_signals_to(server)
    server.run()


def _leave_signals_to(server: uvicorn.Server) -> None:
    """Let SIGINT and SIGTERM end the server and nothing else.

    Once it has stopped, uvicorn raises the signal again for whoever handled it before; by default that would end the
    process there and then, before the worker, the UI and the index are closed.
    """

    def handle(number: int, frame: object) -> None:
        del frame
        if not server.should_exit:  # uvicorn has not begun to listen to signals
            raise SystemExit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)


def _warm(app: App) -> None:
    """Make every part now, so that what is wrong is said at the start and the first question is fast."""
    app.embedder.embed_query("ready")
    _ = app.answerer, app.ingestor
    # beside the rest, as the start need not wait for it: the first answers would, all of them
    threading.Thread(target=load_graphs, name="warm", daemon=True).start()


@contextlib.contextmanager
def _owner(app: App, owns: bool) -> Iterator[None]:
    """Let commands and workers beside this process reach the index, where this process owns one."""
    if not owns:
        _await_owner(app)
    if app.settings.index != "edge" or not owns:
        yield
        return
    from assistant.adapters.index_owner_server import serve_owner

    _ = app.index  # opened now: nobody is served where another process owns it
    server = serve_owner(cast(Index, _CurrentIndex(app)), app.settings.home, lambda: app.served.name)
    try:
        yield
    finally:
        server.stop()


def _await_owner(app: App) -> None:
    """Wait for the process that owns the index: they may be started in any order."""
    waited = False
    while True:
        try:
            _ = app.index
        except IndexUnavailableError as error:
            if not waited:
                log.warning("%s; it is waited for", error)
            waited = True
            time.sleep(_FOLLOW_SECONDS)
        else:
            return


class _CurrentIndex:
    """The index that the assistant uses at the moment of each call."""

    def __init__(self, app: App) -> None:
        self._app = app

    def __getattr__(self, name: str) -> Any:
        return getattr(self._app.index, name)


@contextlib.contextmanager
def _following(app: App) -> Iterator[None]:
    """Go over to another index soon after it took over."""
    with _repeated("follow-index", app.follow, _FOLLOW_SECONDS):
        yield


@contextlib.contextmanager
def _kept_up(app: App) -> Iterator[None]:
    """Keep the index quick to search while it is written. What is at work at the end is ended by closing the index."""

    def keep_up() -> None:
        app.index.upkeep()  # of the one that is used then

    with _repeated("index-upkeep", keep_up, _UPKEEP_SECONDS, waits=False):
        yield


@contextlib.contextmanager
def _repeated(name: str, call: Callable[[], object], seconds: float, *, waits: bool = True) -> Iterator[None]:
    """Call this now and then in a thread of its own, and log what goes wrong; `waits` at the end for the last call."""
    over = threading.Event()

    def repeat() -> None:
        while not over.wait(seconds):
            try:
                call()
            except AssistantError as error:
                log.warning("%s", error)
            except Exception:  # the next call may go well: without this thread, none would follow until a restart
                log.exception("%s failed", name)

    thread = threading.Thread(target=repeat, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        if waits:
            thread.join()


@contextlib.contextmanager
def _jobs(app: App) -> Iterator[CeleryQueue]:
    """Run worker and beat here where the broker is in memory; else only send to the broker."""
    if not app.settings.broker_url.startswith("memory:"):
        queue = CeleryQueue(make_celery(app.settings))
        queue.greet()
        yield queue
        return
    worker = EmbeddedWorker(app)
    worker.start()
    try:
        yield worker.queue
    finally:
        worker.stop()


@contextlib.contextmanager
def _ui(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    from ui.run import streamlit_command, streamlit_environment

    command = [sys.executable, "-m", "assistant.cli.child", str(os.getpid()), *streamlit_command(settings)]
    environment = {**os.environ, **streamlit_environment(settings)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _ui_ready(settings: Settings, ui: subprocess.Popen[bytes], server: uvicorn.Server) -> bool:
    import httpx

    health = f"http://{url_host(settings.host)}:{settings.ui_port}/_stcore/health"
    end = time.monotonic() + _UI_SECONDS
    while time.monotonic() < end and ui.poll() is None and not server.should_exit:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(health, timeout=2).status_code == 200 and server.started:
                return True
        time.sleep(0.1)
    return False


def _must_be_loopback(host: str) -> None:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ConfigurationError(
            f"without sign-in the assistant listens on loopback only, not on {host}",
            "use --host 127.0.0.1, or let people sign in: ASSISTANT_SIGN_IN=accounts",
        )


def _free_port(host: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortInUseError(
                f"port {port} on {host} cannot be used: {error.strerror}", "choose another with --port or --ui-port"
            ) from error
        return int(probe.getsockname()[1])
