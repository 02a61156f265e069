"""The S3 source against moto's S3 server."""

from __future__ import annotations

import contextlib
import socket
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from assistant.errors import (
    DocumentTooLargeError,
    DocumentUnreadableError,
    NotFoundError,
    SourceError,
    SourceUnreachableError,
)
from assistant.registry import load_registry
from assistant.types import Access, Changed, Checkpoint
from plugins.s3 import S3Config, S3Source
from tests.contracts.data_source_contract import DataSourceContract

KEYS = {"access_key": "reader", "secret_key": "hush-hush-hush"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@dataclass
class S3Scene:
    client: Any
    bucket: str
    source: S3Source

    def put(self, key: str, data: bytes, **more: Any) -> None:
        self.client.put_object(Bucket=self.bucket, Key=f"docs/{key}", Body=data, **more)

    def remove(self, key: str) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=f"docs/{key}")


@pytest.fixture
def scene(endpoint: str) -> Iterator[S3Scene]:
    signing = {"aws_access_key_id": "owner", "aws_secret_access_key": "x"}
    with contextlib.closing(boto3.client("s3", "us-east-1", endpoint_url=endpoint, **signing)) as client:
        bucket = f"bucket-{uuid.uuid4().hex[:8]}"
        client.create_bucket(Bucket=bucket)
        yield S3Scene(client, bucket, source(endpoint, bucket))


def source(endpoint: str, bucket: str, **more: Any) -> S3Source:
    values = {"endpoint": endpoint, "bucket": bucket, "prefix": "docs/", **KEYS, **more}
    return S3Source(S3Config.model_validate(values))


def listed(one: S3Source) -> dict[str, str | None]:
    changes = list(one.changes(None))
    assert changes[-1] == Checkpoint("", complete=True)
    return {change.key: change.version for change in changes if isinstance(change, Changed)}


class TestS3Source(DataSourceContract):
    @pytest.fixture
    def scene(self, scene: S3Scene) -> S3Scene:
        return scene


def test_enters_by_the_same_register_as_any_plugin() -> None:
    assert "s3" in load_registry().sources


def test_more_than_one_answers_worth_is_listed_whole(scene: S3Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")  # in place of a thousand
    for number in range(8):
        scene.put(f"{number}", b"x")
    assert len(scene.client.list_objects_v2(Bucket=scene.bucket)["Contents"]) == 3
    assert len(listed(scene.source)) == 8


def test_only_what_is_wanted_and_no_folder_marks(scene: S3Scene, endpoint: str) -> None:
    for key in ("", "sub/", "a.pdf", "sub/b.pdf", "sub/old/c.pdf", "d.exe"):
        scene.put(key, b"x")
    scene.client.put_object(Bucket=scene.bucket, Key="elsewhere/e.pdf", Body=b"x")
    one = source(endpoint, scene.bucket, include=["*.pdf"], exclude=["sub/old/*"])
    assert set(listed(one)) == {"a.pdf", "sub/b.pdf"}
    raw = one.fetch("sub/b.pdf")
    assert (raw.title, raw.uri) == ("b.pdf", f"s3://{scene.bucket}/docs/sub/b.pdf")
    with pytest.raises(NotFoundError):
        one.fetch("d.exe")


def test_a_moved_object_keeps_its_mark(scene: S3Scene) -> None:
    scene.put("a.txt", b"one")
    before = listed(scene.source)
    scene.put("b.txt", b"one")
    scene.remove("a.txt")
    assert list(listed(scene.source).values()) == list(before.values())


def test_objects_that_are_not_handed_out(scene: S3Scene, endpoint: str) -> None:
    scene.put("big", b"x" * 200)
    with pytest.raises(DocumentTooLargeError, match="big has 200 bytes"):
        source(endpoint, scene.bucket, max_bytes=100).fetch("big")
    scene.put("cold", b"x", StorageClass="GLACIER")
    with pytest.raises(DocumentUnreadableError, match="cold is archived"):
        scene.source.fetch("cold")


def test_a_bucket_that_is_not_there_is_said_and_a_silent_server_is_tried_again(endpoint: str) -> None:
    with pytest.raises(SourceError, match="refuses bucket nowhere: NoSuchBucket") as caught:
        listed(source(endpoint, "nowhere"))
    assert not caught.value.retryable
    with pytest.raises(SourceError, match="NoSuchBucket"):
        source(endpoint, "nowhere").fetch("a")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(SourceUnreachableError) as silent:
            listed(source(f"http://127.0.0.1:{taken.getsockname()[1]}", "nowhere"))
    assert "hush" not in str(silent.value)


def test_without_keys_nothing_is_guessed(monkeypatch: pytest.MonkeyPatch, endpoint: str, scene: S3Scene) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SourceError, match="no access key"):
        listed(source(endpoint, scene.bucket, access_key="", secret_key=""))
    scene.put("a", b"x")
    assert set(listed(source(endpoint, scene.bucket, access_key="", secret_key="", anonymous=True))) == {"a"}


def test_readers_come_from_a_tag(scene: S3Scene, endpoint: str) -> None:
    scene.put("plain", b"x")
    scene.put("ours", b"x", Tagging="readers=hr%20%2B%20user:ann%20%2B%20-it")
    scene.put("nobody", b"x", Tagging="readers=")
    one = source(endpoint, scene.bucket, readers_tag="readers")
    ours = Access(frozenset({"group:hr", "user:ann"}), frozenset({"group:it"}))
    wanted = {"plain": None, "ours": ours, "nobody": Access(frozenset())}
    assert {change.key: change.access for change in one.changes(None) if isinstance(change, Changed)} == wanted
    assert {key: one.fetch(key).access for key in wanted} == wanted
    before = listed(one)["ours"]
    scene.client.delete_object_tagging(Bucket=scene.bucket, Key="docs/ours")
    assert listed(one)["ours"] != before  # or it would keep the readers that the tag gave it
