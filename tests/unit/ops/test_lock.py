"""The list of pinned files: what it says, and how it fails."""

from pathlib import Path

import pytest

from ops.errors import BadLock
from ops.lock import Artifact, parse_coordinate, parse_lock, read_lock, render_lock, version_of

SUM = "ab" * 32


def test_a_line_is_read_into_a_pinned_file() -> None:
    sets = parse_lock(f"# a comment\n\nbroker org.apache.kafka:kafka_2.13:4.1.1@jar {SUM} 12 # why\n")
    (artifact,) = sets["broker"]
    assert artifact == Artifact("org.apache.kafka", "kafka_2.13", "4.1.1", "", "jar", SUM, 12)
    assert artifact.path == "org/apache/kafka/kafka_2.13/4.1.1/kafka_2.13-4.1.1.jar"


def test_a_classifier_becomes_part_of_the_file_name() -> None:
    artifact = Artifact(**parse_coordinate("g.h:app:1.0:all@tar.gz"), sha256=SUM, size=1)
    assert artifact.path == "g/h/app/1.0/app-1.0-all.tar.gz"
    assert artifact.coordinate == "g.h:app:1.0:all@tar.gz"


@pytest.mark.parametrize(
    "line",
    [
        "broker g:a:1@jar",
        f"broker g:a:1@jar {SUM}",
        f"broker g:a:1@jar {SUM} twelve",
        f"broker g:a:1@jar {SUM[:-1]} 12",
        f"broker g:a@jar {SUM} 12",
        f"broker g:a:1 {SUM} 12",
        f"broker g:../a:1@jar {SUM} 12",
    ],
)
def test_a_malformed_line_is_refused(line: str) -> None:
    with pytest.raises(BadLock):
        parse_lock(line)


def test_a_file_listed_twice_is_refused() -> None:
    line = f"broker g:a:1@jar {SUM} 12\n"
    with pytest.raises(BadLock, match=r"line 2 of the lock lists a-1\.jar twice"):
        parse_lock(line * 2)


def test_a_missing_lock_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadLock, match="cannot be read"):
        read_lock(tmp_path / "absent.lock")


def test_what_is_written_reads_back_the_same() -> None:
    sets = read_lock()
    assert parse_lock(render_lock(sets)) == sets


def test_the_committed_lock_pins_one_version_of_kafka_and_only_what_a_broker_loads() -> None:
    jars = read_lock()["broker"]
    assert {a.version for a in jars if a.group == "org.apache.kafka"} == {version_of("kafka_2.13", read_lock())}
    assert {"slf4j-simple", "kafka-clients", "zstd-jni", "lz4-java", "snappy-java"} <= {a.name for a in jars}
    assert not {"zookeeper", "kafka-streams", "connect-runtime", "kafka-tools"} & {a.name for a in jars}
    assert sum(a.size for a in jars) < 40_000_000


def test_the_version_of_an_unknown_name_is_refused() -> None:
    with pytest.raises(BadLock, match="does not list zookeeper"):
        version_of("zookeeper", read_lock())
