"""Plugins as files, as strangers write them."""

from __future__ import annotations

WIKI = '''
"""A source that breaks in the way that its configuration says, and two tools."""

import logging
import os
import sys
import time

from pydantic import BaseModel, SecretStr

from assistant.errors import NotFoundError, SourceUnreachableError, ToolError
from assistant.types import Access, Changed, Checkpoint, Manifest, Permissions, RawDocument, ToolResult

MANIFEST = Manifest("wiki", "1.0", permissions=Permissions(hosts=("wiki",), secrets=("token",), writes=True))


class Config(BaseModel):
    mode: str = "good"
    where: str = "fetch"
    token: SecretStr = SecretStr("")
    pages: int = 3


class Source:
    def __init__(self, config):
        self.config = config
        if config.mode == "make":
            raise RuntimeError("no source of " + config.token.get_secret_value())

    def changes(self, cursor):
        try:
            for number in range(self.config.pages):
                if self.config.where == "changes" and (found := self.act()) is not None:
                    yield found
                yield Changed(f"{number}.txt", "1")
            yield Checkpoint("end", complete=True)
        except GeneratorExit:
            logging.getLogger("wiki").warning("stopped early")
            raise

    def fetch(self, key):
        if key == "none":
            raise NotFoundError("none is gone")
        if self.config.where == "fetch":
            found = self.act()
            if found is not None:
                return found
        return RawDocument(key, b"text", "text/plain", key, "wiki://" + key, Access(frozenset({"group:hr"})))

    def unmoved(self, version):
        return version + "!"

    def act(self):
        mode = self.config.mode
        if mode == "hang":
            time.sleep(600)
        if mode == "memory":
            return bytearray(1 << 34)
        if mode == "hoard":
            hoard = []
            while True:
                hoard.append(bytes(1 << 24))
        if mode == "exit":
            os._exit(3)
        if mode == "leave":
            sys.exit("leaving")
        if mode == "raise":
            raise KeyError("with " + self.config.token.get_secret_value())
        if mode == "away":
            raise SourceUnreachableError("the wiki is away", "wait")
        if mode == "garbage":
            return {"key": 1}
        if mode == "other":
            return RawDocument("other", b"", "", "", "")
        if mode == "huge":
            return RawDocument("a", b"x" * 3_000_000, "", "", "")
        if mode == "log":
            logging.getLogger("wiki").error("token is %s", self.config.token.get_secret_value())
        if mode == "pipe":
            os.write(3, b"rubbish" * 100)
        if mode == "print":
            print("chatting on the protocol's stream")
        if mode == "network":
            import socket
            socket.create_connection(("127.0.0.1", 9), 1)
        if mode == "environment":
            return RawDocument("a", repr(dict(os.environ)).encode(), "", "", "")


class Echo:
    name = "echo"
    description = "Says who asks and what."
    parameters = {"type": "object", "properties": {"text": {"type": "string"}}}
    writes = True

    def run(self, arguments, user):
        if arguments.get("text") == "bad":
            raise ToolError("bad is not echoed")
        if arguments.get("text") == "none":
            return None
        return ToolResult(f"{user.id}: {arguments['text']}", {"groups": sorted(user.groups)})


class Shout:
    name = "shout"

    def process(self, question, text, user):
        return text.upper()


class Reads:
    name = "wikitext"
    version = "1"

    def accepts(self, ref):
        return ref.key.endswith(".wiki")

    def parse(self, ref, data):
        from assistant.types import Block, Document
        text = "wiki says " + data.decode()
        return Document(ref, text, blocks=(Block("text", text, 0, len(text)),))


def register(registry):
    registry.add_source("wiki", Config, Source)
    registry.add_tool(Echo())
    registry.add_post_processor(Shout())
    registry.add_parser(Reads())


def health():
    return "three pages"
'''

MIGRATING = """
from pydantic import BaseModel

from assistant.types import Manifest

MANIFEST = Manifest("moving", "2.0")


class Config(BaseModel):
    address: str


def register(registry):
    registry.add_source("moving", Config, lambda config: None)


def migrate(kind, config, from_version):
    if config["url"] == "bad":
        return {"address": 5}
    return {"address": f"{config['url']} of {kind} {from_version}"}
"""

MOVING = """
from pydantic import BaseModel

from assistant.types import Manifest

MANIFEST = Manifest("moving", "1.0")


class Config(BaseModel):
    url: str


def register(registry):
    registry.add_source("moving", Config, lambda config: None)
"""
