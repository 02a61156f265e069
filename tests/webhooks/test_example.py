"""The receiver of infra/docs/webhooks.md is run as it stands there."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from assistant.adapters.poster import Poster
from assistant.catalog import Catalog
from assistant.types import LOCAL_OPERATOR
from assistant.webhooks import Courier, Pace, WebhookDesk
from tests.fakes.ports import free_port
from tests.webhooks.conftest import HOSTS

PAGE = Path(__file__).parents[2] / "infra" / "docs" / "webhooks.md"
_SECONDS = 60.0


def test_the_receiver_takes_each_message_once_and_no_forgery(catalog: Catalog, tmp_path: Path) -> None:
    example = re.search(r"<!-- example: receiver -->\n```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    (tmp_path / "receiver.py").write_text(example.group(1), encoding="utf-8")
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    courier = Courier(catalog, Poster(HOSTS, 20.0, "there").post, Pace(first=0.0), "https://assistant.example")
    desk = WebhookDesk(catalog, courier, HOSTS)
    _, secret = desk.add("ops", url, ["source.paused"], LOCAL_OPERATOR)
    running = subprocess.Popen(
        [sys.executable, "receiver.py"],
        cwd=tmp_path,
        env={**os.environ, "WEBHOOK_SECRET": secret, "PORT": str(port)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        _wait_for(port)
        assert httpx.post(url, content=b"{}", headers={"webhook-id": "m"}, timeout=60).status_code == 401
        catalog.sources.set_state("handbook", "paused")
        assert courier.turn() == 1
        sent = catalog.deliveries.newest("ops", 1)[0]
        desk.redeliver("ops", sent.id, LOCAL_OPERATOR)
        assert courier.turn() == 1
    finally:
        running.terminate()
    said = running.communicate(timeout=_SECONDS)[0].splitlines()
    assert len(said) == 1
    assert said[0].startswith("source.paused {'source': 'handbook', 'link': 'https://assistant.example/sources'")


def _wait_for(port: int) -> None:
    ends = time.monotonic() + _SECONDS
    while time.monotonic() < ends:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the receiver does not listen")
