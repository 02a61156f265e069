"""The real assistant on a folder: catalog, index, API, MCP server and ingestion as they are, with small models."""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from assistant import build, load_settings
from assistant.access import attempts
from assistant.api import create_api
from assistant.app import App, Reindexing
from assistant.app import parts as app_parts
from assistant.herd import Herd, Member
from assistant.mcp_server import Desk, make_server
from assistant.plugin_host.packs import PackUse
from assistant.settings import Settings
from assistant.types import LOCAL_OPERATOR, Delta, ModelProfile, ToolCall, User
from tests.access.client import Client
from tests.fakes.chat_model import FakeChatModel, FakeStream
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.model_scripts import Asked, Reply, Script
from tests.fakes.picture_embedder import FakePictureEmbedder
from tests.fakes.system import InProcessParsers, MemoryConfig, MemorySource

FILES, TOLD = "files", "told"  # a folder with an admin's rules, and a source that says its readers itself
COMMON = "common"  # a word of every document
CALLED = frozenset({"search", "tables"})  # the tools that the model calls
_NUMBERED = re.compile(r"\[(\d+)\] (.*?)(?=\n*\[\d+\] |\Z)", re.DOTALL)
_WORD = re.compile(r"zq\d+q", re.IGNORECASE)


def _telling(asked: Asked) -> Reply:
    """Say all that is in the prompt: cited what a number stands for, and uncited everything once more."""
    called = any(message["role"] == "tool" for message in asked.messages)
    if "tools" in asked.last and not called and asked.body.get("tools"):
        names = [tool["function"]["name"] for tool in asked.body["tools"]]
        calls = [
            ToolCall(f"t{at}", name, json.dumps({"query": COMMON} if name == "search" else {}))
            for at, name in enumerate(names)
            if name in CALLED
        ]
        return Reply(tool_calls=tuple(calls))
    said = []
    for number, text in _NUMBERED.findall(asked.prompt):
        if words := list(dict.fromkeys(_WORD.findall(text))):
            said.append(f"The {COMMON} code is {words[-1]} [{number}].")
    if said:  # and cites the first document for what all of them say
        said.append("Of all of them: " + " and ".join(dict.fromkeys(_WORD.findall(asked.prompt))) + " [1].")
    said.append("In all: " + " ".join(dict.fromkeys(_WORD.findall(asked.prompt))) + ".")
    return Reply("\n".join(said))


class TellingModel(FakeChatModel):
    """Tells all that it is given; while `gate` is clear, it waits before each piece but the first few.

    Attributes:
        is_down: whether it refuses, so that sentences are quoted instead.
        gate: see above.
    """

    def __init__(self) -> None:
        super().__init__(Script(_telling), context_tokens=1_000_000)
        self.is_down = False
        self.gate = threading.Event()
        self.gate.set()
        self.said = 3

    def stream(self, *args: Any, **options: Any) -> FakeStream:
        self.script.rules = [lambda _: Reply(status=503, message="down")] if self.is_down else [_telling]
        return super().stream(*args, **options)

    def _pieces(self, body: Mapping[str, Any]) -> Iterator[Delta]:
        for number, piece in enumerate(super()._pieces(body)):
            if number == self.said:
                self.gate.wait(60)
            yield piece


class Queue:
    """Takes no work: the test syncs."""

    def enqueue_sync(self, source: str, trigger: str, *, full: bool = False, asked: bool = False) -> None:
        pass

    def enqueue_work(self) -> None:
        pass


class Log(logging.Handler):
    """Keeps what is logged until it is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def taken(self) -> str:
        lines, self.lines = self.lines, []
        return "\n".join(lines)


@functools.cache
def _empty_home() -> Path:
    """Return a folder with the catalog of a home, to be copied: the migrations take their time."""
    folder = Path(tempfile.mkdtemp(prefix="rights-"))
    with build(load_settings(home=folder)) as app:
        app.catalog.sources.add(TOLD, "memory", {}, {"default": []})
        app.catalog.sources.add(FILES, "folder", {"path": str(folder / "nowhere")}, {"default": ["everyone"]})
        app.plugins.enable("contracts", PackUse(frozenset({"group:everyone"})))
    return folder


@dataclass
class House:
    """See the module.

    Attributes:
        folder: all that it keeps.
        source: the documents of the source `told`.
        model: what answers.
    """

    folder: Path
    source: MemorySource = field(default_factory=MemorySource)
    model: TellingModel = field(default_factory=TellingModel)
    log: Log = field(default_factory=Log)
    salts: dict[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shutil.copytree(_empty_home(), self.folder / "home", dirs_exist_ok=True)
        self.files.mkdir()
        self.token = ""
        self.loop = asyncio.new_event_loop()
        # people who are out try again and again here, from one address
        self.patched = patch.object(attempts, "_WRONG", 1 << 30)
        self.patched.start()
        logging.getLogger().addHandler(self.log)
        self._open()
        self.app.catalog.sources.set_config(FILES, {"path": str(self.files)})

    @property
    def files(self) -> Path:
        """The folder of the source `files`."""
        return self.folder / "files"

    def _settings(self) -> Settings:
        return load_settings(home=self.folder / "home", sign_in="accounts", search_limit=100, agent_steps=2)

    def _open(self) -> None:
        self.app = build(self._settings(), owns_index=True)
        self._put_in(self.app)
        self.client = Client(create_api(self.app, Queue()))
        self.desk = Desk(self._lent)
        self.server = make_server(self.desk, "1", lambda _: self.desk.sign_in(self.token))
        self.reindexing = Reindexing(self.app)

    def _put_in(self, app: App) -> None:
        """Put the small models in the places of the large ones, which are then never loaded."""
        app.registry.add_source("memory", MemoryConfig, lambda _: self.source)
        parts = vars(app)
        parts["embedder"] = FakeEmbedder(app.settings.embedder)
        parts["picture_embedder"] = FakePictureEmbedder()
        parts["parsers"] = InProcessParsers(app.registry)
        profile = ModelProfile("model", frozenset({"answer", "long"}))
        parts["herd"] = Herd([Member(profile, self.model)])

    def _lent(self) -> AbstractContextManager[App]:
        return nullcontext(self.app)

    def close(self) -> None:
        """Close all of it."""
        self.model.gate.set()
        logging.getLogger().removeHandler(self.log)
        self._shut()
        self.patched.stop()
        self.loop.close()

    def _shut(self) -> None:
        self.app.conversations.close()
        self.client.close()
        self.app.close()

    def restart(self) -> None:
        """Close all of it, and open it again on what it kept."""
        self._shut()
        self._open()

    def sync(self, source: str) -> None:
        """Bring a source to what it holds."""
        report = self.app.ingestor.sync(source, "test")
        assert not report.failures, report.failures

    def reindex(self, tokens: int) -> None:
        """Build another index with chunks of so many tokens, and go over to it."""
        for record in self.app.catalog.indexes.all():
            if record.state == "kept":
                self.reindexing.drop(record.name)
        with self.reindexing.opened(self.reindexing.begin(None, tokens)) as new:
            new.builder.build()
            new.builder.swap()
        self._follow()

    def go_back(self) -> None:
        """Bring the former index level, and go back to it."""
        self.reindexing.keep_level()
        self.reindexing.back()
        self._follow()

    def _follow(self) -> None:
        """Go over to the index that is current now, and let go of the former one at once: no search is at work."""
        with patch.object(app_parts, "_RETIRING_SECONDS", 0.0):
            assert self.app.follow()
            assert not self.app.follow()

    # Whoever asks

    def add_person(self, person: str, role: str, groups: Sequence[str]) -> str:
        """Add a person, and return a token of the person's."""
        self.app.people.add(person, "", groups, role, LOCAL_OPERATOR)  # type: ignore[arg-type]
        return self.new_token(person)

    def new_token(self, person: str) -> str:
        """Return another token of the person's."""
        more = {"admin": ["manage", "audit", "metrics"], "auditor": ["audit", "metrics"]}
        scopes = ["read", "ask", "upload", *more.get(self.user(person).role, [])]
        return self.app.people.add_token(person, LOCAL_OPERATOR, scopes=scopes)[0]

    def user(self, person: str) -> User:
        """Return the person as one who asks now."""
        return self.app.catalog.people.get(person).user

    @contextmanager
    def signed_in(self, token: str) -> Iterator[None]:
        """Send this token with all that is asked."""
        self.token = token
        self.client.headers["Authorization"] = f"Bearer {token}"
        try:
            yield
        finally:
            self.token = ""
            del self.client.headers["Authorization"]

    def call(self, tool: str, **arguments: Any) -> str:
        """Return what a tool of the MCP server says, its error too."""
        from mcp.server.mcpserver.exceptions import ToolError

        try:
            said = self.loop.run_until_complete(self.server.call_tool(tool, arguments))
        except ToolError as error:
            return str(error)
        return said.model_dump_json()  # type: ignore[union-attr]


@contextmanager
def opened_house() -> Iterator[House]:
    """Yield a house in a folder that is there as long as it is."""
    with tempfile.TemporaryDirectory(prefix="rights-") as folder:
        house = House(Path(folder))
        try:
            yield house
        finally:
            house.close()
