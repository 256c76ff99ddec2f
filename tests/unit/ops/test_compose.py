"""docker-compose.yml and what it mounts: valid, pinned, and in step with the code."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bookstream.settings import PREFIX, Settings
from ops.lock import read_lock, version_of
from tests.unit.ops.measurements import alerts, panels

ROOT = Path(__file__).parents[3]
CONTEXTS = {"ingest", "book", "accounts", "settlement", "history"}


def load(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


COMPOSE = load("docker-compose.yml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def tag_of(service: str) -> str:
    return str(SERVICES[service]["image"]).rsplit(":", 1)[1]


@pytest.mark.parametrize("service", SERVICES)
def test_every_image_is_pinned_to_a_version(service: str) -> None:
    assert re.fullmatch(r"v?\d+(\.\d+)+", tag_of(service))


def test_the_images_base_is_pinned_to_a_version() -> None:
    text = (ROOT / "ops/Dockerfile").read_text(encoding="utf-8")
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert bases
    assert all(re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+", base) for base in bases)


@pytest.mark.parametrize("service", sorted(SERVICES.keys() - {"topics"}))
def test_every_server_has_a_health_check(service: str) -> None:
    assert SERVICES[service]["healthcheck"]["test"]


def test_dependencies_wait_for_health_or_completion() -> None:
    for service in SERVICES.values():
        for needed, condition in service.get("depends_on", {}).items():
            done = "service_completed_successfully" if needed == "topics" else "service_healthy"
            assert condition == {"condition": done}


def test_servers_have_the_versions_that_the_embedded_ones_have() -> None:
    assert tag_of("kafka") == version_of("kafka_2.13", read_lock())
    assert tag_of("registry") == version_of("apicurio-registry-app", read_lock())


def test_each_context_has_one_worker_of_its_app() -> None:
    workers = {name: service["command"] for name, service in SERVICES.items() if "faust" in service.get("command", [])}
    assert workers.keys() == CONTEXTS | {"cashier"}
    for context, command in workers.items():
        assert command == ["faust", "-A", f"bookstream.apps.{context}", "worker", "-l", "info"]
        package = ROOT / "bookstream" / "apps" / context
        assert package.is_dir() or package.with_suffix(".py").is_file(), f"bookstream.apps.{context} is missing"


def test_every_variable_of_ours_is_a_setting() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    used = {name for service in SERVICES.values() for name in service.get("environment", {}) if name.startswith(PREFIX)}
    assert used
    assert used <= known


def test_only_this_machine_reaches_the_published_ports() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert len({port.split(":")[1] for port in ports}) == len(ports)


def test_what_is_mounted_exists_and_every_volume_is_declared() -> None:
    mounts = [mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])]
    assert {mount for mount in mounts if not mount.startswith(".")} == set(COMPOSE["volumes"])
    assert all((ROOT / mount).is_dir() for mount in mounts if mount.startswith("."))


def test_the_screens_and_the_monitoring_come_only_when_asked_for() -> None:
    profiles = {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service}
    assert profiles == {
        "cashier": ["payments"], "kafka-ui": ["ui"], "prometheus": ["monitoring"], "grafana": ["monitoring"]
    }  # fmt: skip


def test_every_worker_is_scraped_where_it_serves() -> None:
    config = load("ops/prometheus/prometheus.yml")
    targets = config["scrape_configs"][0]["static_configs"][0]["targets"]
    port = SERVICES["book"]["environment"]["BOOKSTREAM_METRICS_PORT"]
    assert set(targets) == {f"{context}:{port}" for context in CONTEXTS}
    assert config["scrape_configs"][1]["static_configs"][0]["targets"] == [f"cashier:{port}"]


def test_every_alert_says_what_it_means_and_how_urgent_it_is() -> None:
    for rule in alerts():
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_the_dashboard_asks_the_provisioned_source() -> None:
    source = load("ops/grafana/provisioning/datasources/prometheus.yml")["datasources"][0]["uid"]
    assert {panel["datasource"]["uid"] for panel in panels()} == {source}
