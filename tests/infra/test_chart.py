"""The Helm chart: linted and rendered by Helm itself, and held against Kubernetes' and KEDA's own schemas."""

from __future__ import annotations

import json
import shutil
import sys
from functools import cache as remembered
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from assistant.catalog import Catalog, Keyring
from assistant.catalog.jobs import NewJob
from assistant.settings import Settings, load_settings
from tests.fakes.databases import new_database
from tests.infra.tools import INFRA, cache, passes, run, tool
from workers.beat import ElectedScheduler
from workers.celery_app import QUEUES, make_celery

CHART = INFRA / "helm" / "assistant"
VALUES = INFRA / "helm" / "values"
NAMES = ("small", "production", "airgapped")
KUBERNETES = ("1.27", "1.31", "1.36")
_HELM = """
import json, sys
from helm_python.chart import Chart, lint
path, values = sys.argv[1], json.load(sys.stdin)
report = lint(path, values, strict=True, kube_version="v1.31.0")
worst = [one for one in report["messages"] if one["severity"] > 1]
if worst or report["errors"]:
    sys.exit(json.dumps([worst, report["errors"]]))
with Chart.load(path) as chart:
    json.dump(chart.render(values, name="assistant", namespace="assistant"), sys.stdout)
"""
SCHEMAS = """
import json, sys, kubernetes_validate
for resource in json.load(sys.stdin):
    for version in sys.argv[1:]:
        kubernetes_validate.validate(resource, version, strict=True)
"""


def python() -> Path:
    tool("kubernetes-validate")
    return cache() / "checks" / "venv" / "bin" / "python"


def values(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((VALUES / f"{name}.yaml").read_text(encoding="utf-8"))
    return loaded


@remembered
def rendered(name: str) -> tuple[dict[str, Any], ...]:
    return rendered_with({}, name)


def rendered_with(changes: dict[str, Any], name: str = "small") -> tuple[dict[str, Any], ...]:
    said = passes(python(), "-c", _HELM, CHART, text=json.dumps(values(name) | changes))
    written = json.loads(said.splitlines()[-1])  # before it, Helm says that it follows the link to the alerts
    files = (text for path, text in written.items() if path.endswith(".yaml"))
    return tuple(resource for text in files for resource in yaml.safe_load_all(text) if resource)


def of_kind(name: str, kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in rendered(name) if one["kind"] == kind}


def pods(name: str) -> dict[str, dict[str, Any]]:
    found = {**of_kind(name, "Deployment"), **of_kind(name, "Job")}
    return {part: one["spec"]["template"] for part, one in found.items()}


def refused(changes: dict[str, Any], name: str = "small") -> str:
    done = run(python(), "-c", _HELM, CHART, text=json.dumps(values(name) | changes))
    assert done.returncode != 0
    return done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_kubernetes_takes_what_is_rendered(name: str) -> None:
    own = [one for one in rendered(name) if "." not in one["apiVersion"] or ".k8s.io/" in one["apiVersion"]]
    assert len(own) >= 8
    passes(python(), "-c", SCHEMAS, *KUBERNETES, text=json.dumps(own))


def test_keda_and_the_prometheus_operator_take_their_resources() -> None:
    if shutil.which("node") is None or not (cache() / "checks" / "npm" / "node_modules").is_dir():
        pytest.skip("node or the schemas of KEDA are not installed: infra/checks/install.sh does that")
    kinds = ("keda.sh/v1alpha1", "monitoring.coreos.com/v1")
    theirs = [one for one in rendered("production") if one["apiVersion"] in kinds]
    folder = cache() / "checks" / "npm"
    assert len(theirs) == 6
    assert passes("node", "resources.mjs", folder=folder, text=json.dumps(theirs)) == "6 checked, 0 wrong\n"
    theirs[0] = theirs[0] | {"spec": {"triggers": "none"}}
    assert "1 wrong" in run("node", "resources.mjs", folder=folder, text=json.dumps(theirs)).stdout


@pytest.mark.parametrize("name", NAMES)
def test_no_pod_may_do_more_than_it_needs(name: str) -> None:
    assert len(pods(name)) >= 5
    for part, pod in pods(name).items():
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False, part
        assert spec["securityContext"]["runAsNonRoot"] is True, part
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, part
        for container in spec["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True, part
            assert context["allowPrivilegeEscalation"] is False, part
            assert context["capabilities"] == {"drop": ["ALL"]}, part
            assert container["resources"]["limits"]["memory"], part
            assert "livenessProbe" in container or part.endswith("-migrate"), part


@pytest.mark.parametrize("name", NAMES)
def test_every_queue_has_workers_and_the_broker_lets_them_all_work(name: str) -> None:
    served: set[str] = set()
    for part, pod in pods(name).items():
        if "-worker-" in part:
            arguments = pod["spec"]["containers"][0]["args"]
            served |= set(arguments[arguments.index("--queues") + 1].split(","))
    assert served == set(QUEUES.values())
    pools = (chart_values() | (values(name)["workers"] if name == "small" else {})).values()
    most = max(pool["max"] * pool["threads"] for pool in pools if pool)
    config = of_kind(name, "ConfigMap")["assistant"]["data"]
    assert int(config["ASSISTANT_TASKS_AT_ONCE"]) == most


def chart_values() -> dict[str, Any]:
    workers: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))["workers"]
    return workers


@pytest.mark.parametrize("name", NAMES)
def test_the_settings_are_settings(name: str) -> None:
    data = of_kind(name, "ConfigMap")["assistant"]["data"]
    fields = {variable.removeprefix("ASSISTANT_").lower(): value for variable, value in data.items()}
    assert fields.keys() <= Settings.model_fields.keys()
    del fields["config"]  # the secret's file, which is not here
    settings = Settings(**fields)
    assert settings.sign_in == "accounts"
    assert settings.index == "qdrant"
    assert settings.public_url.startswith("https://")


def test_the_chart_is_of_this_version() -> None:
    import assistant

    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert chart["appVersion"] == assistant.__version__


def test_of_two_beats_on_two_nodes_one_is_elected() -> None:
    beat = of_kind("production", "Deployment")["assistant-beat"]["spec"]
    assert beat["replicas"] == 2
    assert beat["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    pod = beat["template"]
    (spread,) = pod["spec"]["topologySpreadConstraints"]
    assert spread["topologyKey"] == "kubernetes.io/hostname"
    assert spread["labelSelector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    (container,) = pod["spec"]["containers"]
    assert "--scheduler" not in container["args"]  # else it is that one's business whether there is an election
    assert (
        make_celery(load_settings()).conf.beat_scheduler == f"{ElectedScheduler.__module__}:{ElectedScheduler.__name__}"
    )
    schedule = container["args"][container["args"].index("--schedule") + 1]
    assert f"{schedule}.alive" in container["readinessProbe"]["exec"]["command"]
    assert Path(f"{schedule}.alive").name in container["livenessProbe"]["exec"]["command"][-1]
    assert of_kind("small", "Deployment")["assistant-beat"]["spec"]["replicas"] == 1


def test_the_schema_comes_first() -> None:
    job = of_kind("production", "Job")["assistant-migrate"]
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    assert job["spec"]["template"]["spec"]["containers"][0]["args"] == ["assistant", "migrate"]


def test_workers_are_scaled_by_what_waits_in_the_catalog() -> None:
    objects = of_kind("production", "ScaledObject")
    assert set(objects) == {part for part in pods("production") if "-worker-" in part}
    for part, scaled in objects.items():
        assert scaled["spec"]["scaleTargetRef"]["name"] == part
        assert "replicas" not in of_kind("production", "Deployment")[part]["spec"]  # KEDA's alone
    assert not of_kind("small", "ScaledObject")
    assert of_kind("small", "Deployment")["assistant-worker-all"]["spec"]["replicas"] == 1


def test_the_migration_makes_the_schema_and_the_query_counts_what_waits(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import create_engine, text

    postgres = new_database(postgres)
    secret = tmp_path / "assistant.toml"  # as the Secret has it
    secret.write_text(f'catalog_url = "{postgres}"\n')
    monkeypatch.setenv("ASSISTANT_CONFIG", str(secret))
    assert "up to date" in passes(sys.executable, "-m", "assistant.cli", "migrate")
    catalog = Catalog(postgres, Keyring(tmp_path / "secret.key"))
    for name, ends in (("going-on", False), ("cancelled", True), ("over", True)):
        catalog.sources.add(name, "folder", {}, {})
        run = catalog.runs.start(name, "cli", "me")
        catalog.jobs.record(name, run.id, [NewJob("a", "add"), NewJob("b", "add")])
        if ends:
            catalog.runs.cancel(run.id) if name == "cancelled" else catalog.runs.finish(run.id, "failed", "why")
    catalog.close()
    engine = create_engine(postgres)
    with engine.begin() as connection:
        waits = {
            (part, number): connection.execute(text(trigger["metadata"]["query"])).scalar()
            for part, scaled in of_kind("production", "ScaledObject").items()
            for number, trigger in enumerate(scaled["spec"]["triggers"])
        }
    engine.dispose()
    # two documents of the run that goes on; two listings, as the one that is cancelled holds its thread still
    counted = {("assistant-worker-parse", 0): 2, ("assistant-worker-sync", 1): 2}
    assert waits == dict.fromkeys(waits, 0) | counted


def test_nothing_comes_in_or_goes_out_but_what_is_configured() -> None:
    policies = of_kind("airgapped", "NetworkPolicy")
    nothing = policies["assistant-nothing"]["spec"]
    assert nothing["policyTypes"] == ["Ingress", "Egress"]
    assert "egress" not in nothing
    assert "ingress" not in nothing
    migrate = policies["assistant-migrate"]["spec"]
    for part, pod in pods("airgapped").items():
        held = migrate if part == "assistant-migrate" else nothing
        assert selects(held["podSelector"], pod["metadata"]["labels"]), f"{part} is not held"
    assert "assistant-sources" not in policies  # none are configured
    ui = policies["assistant-ui"]["spec"]["egress"]
    assert [
        peer["podSelector"]["matchLabels"]["app.kubernetes.io/component"] for rule in ui for peer in rule["to"]
    ] == ["api"]
    reach = policies["assistant-servers"]["spec"]["podSelector"]
    reached = {part for part, pod in pods("airgapped").items() if selects(reach, pod["metadata"]["labels"])}
    assert pods("airgapped").keys() - reached == {"assistant-ui", "assistant-migrate"}


def selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    excluded = {one["key"]: one["values"] for one in selector.get("matchExpressions", [])}
    assert {one["operator"] for one in selector.get("matchExpressions", [])} <= {"NotIn"}
    return selector["matchLabels"].items() <= labels.items() and not any(
        labels.get(key) in values for key, values in excluded.items()
    )


def test_an_upgrade_that_mends_the_policies_migrates_under_its_own() -> None:
    """The hook runs while the policies of the release before are still the cluster's."""
    pod = pods("production")["assistant-migrate"]["metadata"]["labels"]
    chosen = {name for name, one in of_kind("production", "NetworkPolicy").items() if selects_in(one, pod)}
    assert chosen == {"assistant-migrate"}
    own = of_kind("production", "NetworkPolicy")["assistant-migrate"]
    notes = own["metadata"]["annotations"]
    job = of_kind("production", "Job")["assistant-migrate"]["metadata"]["annotations"]
    assert notes["helm.sh/hook"] == job["helm.sh/hook"]
    assert int(notes["helm.sh/hook-weight"]) < int(job.get("helm.sh/hook-weight", 0))
    assert "before-hook-creation" in notes["helm.sh/hook-delete-policy"]
    names, *servers = own["spec"]["egress"]
    assert {one["port"] for one in names["ports"]} == {53}
    assert servers == values("production")["networkPolicy"]["servers"]
    assert "ingress" not in own["spec"]
    (open_one,) = of_kind("small", "NetworkPolicy").values()  # one that was left behind must hold nothing up
    assert open_one["metadata"]["name"] == "assistant-migrate"
    assert open_one["spec"]["egress"] == [{}]


def selects_in(policy: dict[str, Any], labels: dict[str, str]) -> bool:
    return selects(policy["spec"]["podSelector"], labels)


def test_budgets_let_a_node_be_emptied() -> None:
    budgets = of_kind("production", "PodDisruptionBudget")
    assert {"assistant-api", "assistant-ui", "assistant-beat", "assistant-worker-parse"} <= budgets.keys()
    assert {budget["spec"]["maxUnavailable"] for budget in budgets.values()} == {1}
    assert not of_kind("small", "PodDisruptionBudget")  # of one pod, none could ever go


def test_the_ingress_sends_the_apis_paths_to_the_api() -> None:
    rule = of_kind("production", "Ingress")["assistant"]["spec"]["rules"][0]
    assert rule["host"] == "assistant.corp.example"
    to = {path["path"]: path["backend"]["service"]["name"] for path in rule["http"]["paths"]}
    assert to["/api"] == to["/sign-in"] == "assistant-api"
    assert to["/"] == "assistant-ui"
    assert "/metrics" not in to


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"publicUrl": ""}, "publicUrl is needed"),
        ({"secret": ""}, "secret is needed"),
        ({"settings": {"qdrant_api_key": "x"}}, "settings.qdrant_api_key is a secret"),
        ({"settings": {"catalog_url": "x"}}, "settings.catalog_url is a secret"),
        ({"settings": {"port": 9000}}, "ports of the chart's containers are fixed"),
        ({"replicas": 2}, "replicas"),
        ({"serviceMonitor": {"enabled": True, "tokenSecret": {"name": ""}}}, "tokenSecret.name is needed"),
    ],
)
def test_values_that_do_not_do_are_refused(changes: dict[str, Any], told: str) -> None:
    assert told in refused(changes)


def test_every_secret_is_refused() -> None:
    for name, field in Settings.model_fields.items():
        if field.annotation is SecretStr:
            assert f"settings.{name} is a secret" in refused({"settings": {name: "x"}})


def test_a_queue_that_nobody_serves_is_refused() -> None:
    workers = values("small")["workers"]
    workers["all"]["queues"] = ["sync", "parse", "embed", "delete"]
    assert "no pool of workers has the queue maintenance" in refused({"workers": workers})
