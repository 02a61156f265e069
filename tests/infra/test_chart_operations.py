"""What operators do to a release of the chart: stop it for a restore, back it up, put a backup in its place."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.infra.test_chart import (
    KUBERNETES,
    SCHEMAS,
    chart_values,
    of_kind,
    pods,
    python,
    refused,
    rendered_with,
    values,
)
from tests.infra.tools import INFRA, passes

BACKUPS = {"schedule": "15 2 * * *", "existingClaim": "backups"}


def found(resources: tuple[dict[str, Any], ...], kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in resources if one["kind"] == kind}


@pytest.mark.parametrize("name", ["small", "production"])
def test_in_maintenance_nothing_works_on_the_home_and_keda_starts_nothing(name: str) -> None:
    stopped = rendered_with({"maintenance": True}, name)
    deployments = found(stopped, "Deployment")
    assert deployments.keys() == of_kind(name, "Deployment").keys()
    for part, one in deployments.items():
        assert (one["spec"]["replicas"] == 0) == (part != "assistant-ui"), part
    for part, one in found(stopped, "ScaledObject").items():
        assert one["metadata"]["annotations"]["autoscaling.keda.sh/paused-replicas"] == "0", part
    for one in of_kind(name, "ScaledObject").values():
        assert "annotations" not in one["metadata"]
    assert all(one["spec"]["suspend"] for one in found(stopped, "CronJob").values())


def test_a_restore_is_a_job_of_a_release_that_stands_still() -> None:
    changes = {"maintenance": True, "backup": BACKUPS, "restore": {"from": "2026-11-24T02-15"}}
    resources = rendered_with(changes)
    passes(python(), "-c", SCHEMAS, *KUBERNETES, text=json.dumps(resources))
    (name,) = (name for name in found(resources, "Job") if "-restore-" in name)
    spec = found(resources, "Job")[name]["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert container["args"] == ["assistant", "restore", "/backups/2026-11-24T02-15", "--force"]
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert {"name": "backups", "mountPath": "/backups", "readOnly": True} in container["volumeMounts"]
    assert spec["volumes"][-1]["persistentVolumeClaim"]["claimName"] == "backups"
    again = found(rendered_with(changes | {"restore": {"from": "2026-11-25T02-15"}}), "Job")
    assert name not in again  # a Job cannot be changed
    named = {"from": "2026-11-24T02-15", "options": ["--force", "--replacing", "assistant"]}  # as backup.md says
    (named_job,) = (
        one for key, one in found(rendered_with(changes | {"restore": named}), "Job").items() if "-restore-" in key
    )
    assert named_job["spec"]["template"]["spec"]["containers"][0]["args"][3:] == named["options"]
    assert "options" in refused(changes | {"restore": {**named, "options": ["--force; rm -r /data"]}})
    assert "wants maintenance" in refused(changes | {"maintenance": False})
    assert "existingClaim is needed" in refused(changes | {"backup": {}})
    assert "restore" in refused(changes | {"restore": {"from": "../home"}})


def test_backups_are_made_by_the_clock_and_old_ones_go_when_a_new_one_is_whole(tmp_path: Path) -> None:
    job = of_kind("production", "CronJob")["assistant-backup"]
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    assert job["spec"]["suspend"] is False
    pod = job["spec"]["jobTemplate"]["spec"]["template"]
    assert pod["spec"]["securityContext"] == pods("production")["assistant-api"]["spec"]["securityContext"]
    (container,) = pod["spec"]["containers"]
    (script,) = container["args"]
    folder, programs = tmp_path / "backups", tmp_path / "bin"
    programs.mkdir()
    for name, days in (
        ("2026-01-01T02-15", 40),
        ("2026-02-01T02-15", 3),
        (".2026-01-01T02-15.partial", 40),
        ("mine", 40),
    ):
        (folder / name).mkdir(parents=True)
        os.utime(folder / name, (time.time() - days * 86400,) * 2)
    for exit_code in (1, 0):  # a backup that fails deletes none
        (programs / "assistant").write_text(f'#!/bin/sh\n[ "$1" = backup ] && mkdir "$2"\nexit {exit_code}\n')
        (programs / "assistant").chmod(0o755)
        kept = {"2026-01-01T02-15", "2026-02-01T02-15", "mine"} if exit_code else {"2026-02-01T02-15", "mine"}
        ran = script.replace("/backups", str(folder))
        path = f"{programs}:{os.environ['PATH']}"
        done = subprocess.run([*container["command"], ran], env={"PATH": path}, check=False)
        assert done.returncode == exit_code
        made = {one.name for one in folder.iterdir()} - kept
        assert len(made) == 1
        assert made.pop().startswith("20")
        for one in folder.iterdir():
            if one.name not in kept | {"2026-01-01T02-15"}:
                one.rmdir()
    assert values("production")["backup"]["schedule"] == job["spec"]["schedule"]
    assert not of_kind("small", "CronJob")


def test_the_pages_lines_of_cron_are_whole_commands() -> None:
    pages = [page.read_text(encoding="utf-8") for page in (INFRA / "docs").glob("*.md")]
    lines = [
        line for page in pages for line in re.findall(r"^`{0,1}\d+ \d+ \* \* \* .*|`\d+ \d+ \* \* \* .*?`", page, re.M)
    ]
    lines = [line for line in lines if "assistant" in line]
    assert len(lines) == 2
    for line in lines:
        assert "%" in line
        assert not re.search(r"(?<!\\)%", line), "cron ends a command at a %"
        assert not line.endswith("\\")


def test_helm_waits_for_the_migration_as_long_as_it_may_take() -> None:
    longest = of_kind("production", "Job")["assistant-migrate"]["spec"]["activeDeadlineSeconds"]
    told = 0
    for page in (INFRA / "docs").glob("*.md"):
        text = page.read_text(encoding="utf-8").replace("\\\n", " ")
        for command in re.findall(r"helm (?:install|upgrade) assistant [^\n`]*", text):
            minutes = re.search(r"--timeout (\d+)m", command)
            assert minutes is not None, f"{page.name}: {command}"
            assert int(minutes[1]) * 60 > longest
            told += 1
    assert told >= 4


def environment(part: dict[str, Any]) -> dict[str, str]:
    (container,) = part["spec"]["containers"]
    return {one["name"]: one.get("value", "") for one in container["env"]}


def test_a_pod_goes_by_what_it_is_granted_and_not_by_its_nodes_cores() -> None:
    api = environment(pods("production")["assistant-api"])
    parse = environment(pods("production")["assistant-worker-parse"])
    sync = environment(pods("production")["assistant-worker-sync"])
    assert (api["ASSISTANT_THREADS"], api["ASSISTANT_PARSE_WORKERS"]) == ("2", "2")
    assert (parse["ASSISTANT_THREADS"], parse["ASSISTANT_PARSE_WORKERS"]) == ("2", "3")
    assert sync["ASSISTANT_THREADS"] == "1"  # of 250m
    for cpu, cores in ((1.5, "2"), ("2500m", "3"), (4, "4"), ("0.5", "1")):
        resources = rendered_with({"api": {"replicas": 1, "resources": {"limits": {"cpu": cpu, "memory": "2Gi"}}}})
        pod = found(resources, "Deployment")["assistant-api"]["spec"]["template"]
        assert environment(pod)["ASSISTANT_THREADS"] == cores
    said = found(rendered_with({"settings": {"threads": 7, "parse_workers": 5}}), "Deployment").values()
    for one in said:
        container = one["spec"]["template"]["spec"]["containers"][0]
        names = {variable["name"] for variable in container.get("env", [])}
        assert not names & {"ASSISTANT_THREADS", "ASSISTANT_PARSE_WORKERS"}  # the ConfigMap has them


def test_as_many_embed_as_may_before_parsing_pauses() -> None:
    from assistant.settings import Settings

    pool = chart_values()["embed"]
    assert pool["perReplica"] * pool["max"] <= Settings.model_fields["most_prepared"].default


def test_the_pool_that_lists_grows_with_what_is_to_be_listed(postgres: str, tmp_path: Path) -> None:
    from sqlalchemy import create_engine, text

    from assistant.catalog import Catalog, Keyring

    (listing,) = (
        trigger["metadata"]
        for one in of_kind("production", "ScaledObject").values()
        for trigger in one["spec"]["triggers"]
        if "FROM sources" in trigger["metadata"]["query"]
    )
    assert int(listing["targetQueryValue"]) < chart_values()["sync"]["threads"]
    engine = create_engine(postgres)

    def waiting() -> int:
        with engine.connect() as connection:
            return int(connection.execute(text(listing["query"])).scalar_one())

    with closing(Catalog(postgres, Keyring(tmp_path / "key"))) as catalog:
        for name in ("asked", "idle", "listed", "new"):
            schedule = "every 1h" if name == "new" else None
            catalog.sources.add(name, "folder", {}, {}, schedule)
        catalog.sources.synced("idle", None, time.time())
        assert waiting() == 1  # never synced, though it has a schedule
        catalog.sources.ask("asked", full=False)
        assert waiting() == 2
        run = catalog.runs.start("listed", "cli", "me", lease_seconds=60.0)
        assert waiting() == 3
        catalog.runs.listed(run.id)
        assert waiting() == 2
    with engine.begin() as connection:  # other tests have the same database
        connection.execute(text("DELETE FROM runs"))
        connection.execute(text("DELETE FROM sources"))
    engine.dispose()


def test_the_chart_brings_the_alerts_and_prometheus_finds_them() -> None:
    (rule,) = of_kind("production", "PrometheusRule").values()
    alerts = yaml.safe_load((INFRA / "monitoring" / "alerts.yml").read_text(encoding="utf-8"))
    *given, backups = rule["spec"]["groups"]
    assert given == alerts["groups"]
    (missing,) = backups["rules"]
    said = (INFRA / "docs" / "backup.md").read_text(encoding="utf-8")
    assert " ".join(missing["expr"].split()) in " ".join(said.split())
    (without,) = found(rendered_with({"prometheusRule": {"enabled": True}}), "PrometheusRule").values()
    assert without["spec"]["groups"] == alerts["groups"]
    (monitor,) = of_kind("production", "ServiceMonitor").values()
    for one in (rule, monitor):
        assert one["metadata"]["labels"]["release"] == "kube-prometheus-stack"
    assert not of_kind("small", "PrometheusRule")


def test_there_are_as_many_web_uis_as_the_plan_wants() -> None:
    def wanted(users: int) -> int:
        told = passes(sys.executable, INFRA / "plan.py", "--set", f"users={users}", "--json")
        return int(json.loads(told)["ui"])

    assert values("production")["ui"]["replicas"] == wanted(1000)
    page = (INFRA / "docs" / "kubernetes.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\d,]+) \| (\d+) \|", page, re.MULTILINE)
    assert len(rows) == 3
    for users, replicas in rows:
        assert int(replicas) == wanted(int(users.replace(",", "")))


def test_the_drill_runs_what_the_image_has_and_leaves_nothing() -> None:
    job = of_kind("production", "CronJob")["assistant-drill"]
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    (script,) = container["args"]
    assert "python /opt/assistant/drill.py /backups/.drill" in script
    assert "trap 'rm -rf /backups/.drill' EXIT" in script
    dockerfile = (INFRA / "docker" / "Dockerfile").read_text(encoding="utf-8")
    assert "COPY infra/drill.py /opt/assistant/drill.py" in dockerfile.partition("FROM tools AS build-ui")[0]


@pytest.mark.parametrize("name", ["production", "airgapped"])
def test_behind_a_proxy_people_have_their_own_addresses(name: str) -> None:
    assert "/" in of_kind(name, "ConfigMap")["assistant"]["data"]["ASSISTANT_TRUSTED_PROXIES"]
