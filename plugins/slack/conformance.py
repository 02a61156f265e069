"""What the conformance kit tries the Slack source with: a scripted workspace, in which each name is a file's."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

from plugins.cloud.serving import serving
from plugins.slack.config import SlackConfig
from plugins.slack.scripted import TOKEN, Slack, ratelimited
from plugins.slack.source import SlackSource


class SlackScene:
    """A channel with files, and the means to change what is in it."""

    secret = TOKEN

    def __init__(self, folder: Path) -> None:
        del folder
        self.stack = ExitStack()
        self.slack = Slack()
        self.stack.enter_context(serving(self.slack))
        self.channel = self.slack.channel("general", self.slack.person("Ann"))
        self.ids: dict[str, str] = {}  # of files, by name
        self.names: dict[str, str] = {}  # by id, also of files that are gone
        self.config = {
            "token": TOKEN,
            "api": self.slack.url,
            "private_hosts": ["localhost"],
            "users": {"ann@example.org": "user:ann"},
        }

    def source(self) -> SlackSource:
        """Return a new source on what is there."""
        return SlackSource(SlackConfig.model_validate(self.config))

    def put(self, key: str, data: bytes) -> None:
        """Post a file, or write another content into it, as into a snippet."""
        if key in self.ids:
            self.slack.rewrite(self.ids[key], data)
            return
        one = self.slack.upload(self.channel, key, data, time.time())
        self.ids[key], self.names[one] = one, key

    def remove(self, key: str) -> None:
        """Delete a file."""
        del self.slack.files[self.ids.pop(key)]

    def refuse(self, key: str) -> None:
        """List a file and do not hand it out."""
        self.slack.hidden.add(self.ids[key])

    def throttle(self, times: int) -> None:
        """Ask for patience so many times."""
        self.slack.mood.busy += [ratelimited()] * times

    def down(self, is_down: bool) -> None:
        """Do not answer, or answer again."""
        self.slack.mood.is_down = is_down

    def damage(self, is_damaged: bool) -> None:
        """Answer with rubbish, or with sense again."""
        self.slack.mood.is_damaged = is_damaged

    def key_of(self, name: str) -> str:
        """Return the source's key of a file."""
        if name not in self.ids:
            return name
        return f"{self.channel}/files/{self.ids[name]}/{name.replace('/', chr(0x2215))}"

    def name_of(self, key: str) -> str:
        """Return the name of a file by the source's key."""
        parts = key.split("/")
        return self.names.get(parts[2], key) if len(parts) > 2 else key

    def data_of(self, data: bytes) -> bytes:
        """Return the bytes that were put: Slack hands out the same."""
        return data

    def close(self) -> None:
        """End the server."""
        self.stack.close()


SCENES = {"slack": SlackScene}
