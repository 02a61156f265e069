"""Alerts and dashboards: only of metrics that exist, and right on figures that call for them."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

from assistant.telemetry import Metrics
from tests.infra.tools import INFRA, passes, tool

MONITORING = INFRA / "monitoring"
_LABEL = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"')
_VALUES = {label: {"true", "false"} for label in ("cached", "verified", "found", "fallback")}


def metrics() -> dict[str, set[str]]:
    """Return every series that /metrics shows, with its labels."""
    found: dict[str, set[str]] = {}
    for collector in list(Metrics().registry._collector_to_names):
        family = next(iter(collector.collect()))
        labels = set(getattr(collector, "_labelnames", ()))
        endings = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}[family.type]
        for ending in endings:
            found[family.name + ending] = labels | ({"le"} if ending == "_bucket" else set())
    return found


def rules() -> list[dict[str, Any]]:
    loaded = yaml.safe_load((MONITORING / "alerts.yml").read_text(encoding="utf-8"))
    return [rule for group in loaded["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((MONITORING / "grafana" / "assistant.json").read_text(encoding="utf-8"))
    return loaded


def queries() -> list[str]:
    shown = [target["expr"] for panel in dashboard()["panels"] for target in panel.get("targets", [])]
    return [*(rule["expr"] for rule in rules()), *shown]


def test_every_metric_and_label_exists() -> None:
    known = metrics()
    assert len(known) > 8
    for query in queries():
        for name, selector in re.findall(r"\b(assistant_\w+)(?:\{([^}]*)\})?", query):
            assert name in known, f"there is no metric {name}: {query}"
            for label, value in _LABEL.findall(selector or ""):
                assert label in known[name] | {"instance", "job"}, f"{name} has no label {label}"
                assert value in _VALUES.get(label, {value}), f"{label} is never {value}"
        for names in re.findall(r"by \(([^)]*)\)", query):
            labels = set().union(*(known[name] for name in re.findall(r"assistant_\w+", query)))
            assert {part.strip() for part in names.split(",")} <= labels, query


def test_every_metric_is_looked_at() -> None:
    used = {name for query in queries() for name in re.findall(r"assistant_\w+", query)}
    families = {re.sub(r"_(total|bucket|count|sum)$", "", name) for name in metrics()}
    assert families == {re.sub(r"_(total|bucket|count|sum)$", "", name) for name in used}


def test_promtool_takes_the_rules_and_the_configuration() -> None:
    promtool = tool("promtool")
    passes(promtool, "check", "rules", "alerts.yml", folder=MONITORING)
    passes(promtool, "check", "config", "--syntax-only", "prometheus.yml", folder=MONITORING)


def test_alerts_come_when_they_should_and_only_then() -> None:
    tested = (MONITORING / "alerts.test.yml").read_text(encoding="utf-8")
    for rule in rules():
        assert f"alertname: {rule['alert']}" in tested, f"{rule['alert']} is not tested"
    assert "SUCCESS" in passes(tool("promtool"), "test", "rules", "alerts.test.yml", folder=MONITORING)


def test_every_alert_is_explained() -> None:
    page = (INFRA / "docs" / "monitoring.md").read_text(encoding="utf-8")
    for rule in rules():
        assert f"| `{rule['alert']}` |" in page
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert {"summary", "description"} == rule["annotations"].keys()


def test_every_metric_is_explained() -> None:
    page = (INFRA / "docs" / "monitoring.md").read_text(encoding="utf-8")
    families = {re.sub(r"_(bucket|count|sum)$", "", name) for name in metrics()}
    assert set(re.findall(r"^\| `(assistant_\w+)` \|", page, flags=re.MULTILINE)) == families


def test_the_dashboards_panels_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
