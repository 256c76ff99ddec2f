"""Which measurements the alerts and the dashboard ask for."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

OPS = Path(__file__).parents[3] / "ops"


def alerts() -> list[dict[str, Any]]:
    """Return the alert rules."""
    text = (OPS / "prometheus/alerts.yml").read_text(encoding="utf-8")
    return [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    """Return the dashboard's panels."""
    text = (OPS / "grafana/dashboards/bookstream.json").read_text(encoding="utf-8")
    return list(json.loads(text)["panels"])


def asked_for() -> set[str]:
    """Return the names of all samples that any of them asks for."""
    queries = [rule["expr"] for rule in alerts()]
    queries += [target["expr"] for panel in panels() for target in panel["targets"]]
    return {name for query in queries for name in re.findall(r"bookstream_\w+", query)}
