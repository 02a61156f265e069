"""Server mode loses nothing and shows nobody what is not theirs, whatever is killed: short, and long in `make soak`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.fakes import vllm
from tests.server_mode.faults import Fault, mixed
from tests.server_mode.house import BrokerKind, ServerHouse, lacking
from tests.server_mode.soak import soak

HALF_AN_HOUR = 1800.0


@pytest.fixture(params=["valkey"])
def broker(request: pytest.FixtureRequest) -> BrokerKind:
    kind: BrokerKind = request.param
    if missing := lacking(kind):
        pytest.skip(f"{missing} is not installed")
    return kind


@pytest.mark.timeout(900)
def test_three_faults_lose_nothing_and_show_nobody_what_is_not_theirs(tmp_path: Path, broker: BrokerKind) -> None:
    def three(house: ServerHouse) -> list[Fault]:
        wanted = ("kill -9 owner", "kill -9 worker-1", "stop Postgres")
        return [one for one in mixed(house, "Valkey", 3.0) if one.name in wanted]

    found = soak(tmp_path, three, broker=broker, model="scripted", with_ui=False, each=4)
    assert_nothing_went_wrong(found)
    assert [one["name"] for one in found["faults"]] == ["kill -9 owner", "stop Postgres", "kill -9 worker-1"]
    assert found["documents_shown"] > 0  # people were shown something that could have been wrong


@pytest.mark.soak
@pytest.mark.vllm
@pytest.mark.parametrize("broker", ["rabbitmq", "valkey"], indirect=True)
def test_half_an_hour_of_faults_loses_nothing(tmp_path: Path, broker: BrokerKind) -> None:
    vllm.build(vllm.cache_folder())

    def all_of_them(house: ServerHouse) -> list[Fault]:
        return mixed(house, broker, 30.0)

    minutes = float(os.environ.get("SOAK_MINUTES", HALF_AN_HOUR / 60))
    found = soak(tmp_path, all_of_them, broker=broker, model="vllm", seconds=60 * minutes)
    assert_nothing_went_wrong(found)


def assert_nothing_went_wrong(found: dict[str, object]) -> None:
    print(found.pop("table"))
    print(json.dumps(found, indent=2))
    assert found["lost_documents"] == []
    assert found["wrong_rights"] == []
    assert found["failed_without_fault"] == 0
    faults = found["faults"]
    assert isinstance(faults, list)
    assert all(one["documents"] is not None for one in faults)
