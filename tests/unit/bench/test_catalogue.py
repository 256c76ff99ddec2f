"""The benches by name, and what the command line says of them."""

from importlib import import_module
from inspect import signature

import orjson
import pytest
from typer.testing import CliRunner

from bench import catalogue
from bookstream.cli.main import app
from domain.errors import Misconfigured

runner = CliRunner()


@pytest.mark.parametrize("bench", catalogue.BENCHES, ids=lambda bench: bench.name)
def test_each_bench_takes_the_options_that_the_catalogue_gives_it(bench: catalogue.Bench) -> None:
    parameters = signature(import_module(f"bench.{bench.name}").run).parameters
    assert "rounds" in parameters
    assert ("stage" in parameters) is bench.on_stage
    if bench.name in catalogue.SIZES:
        assert catalogue.SIZES[bench.name] in parameters


def test_an_unknown_bench_is_refused_with_the_names_that_there_are() -> None:
    with pytest.raises(Misconfigured, match="no bench 'speed': there are drain, inprocess"):
        catalogue.run("speed")


def test_a_size_is_refused_where_the_load_is_a_rate() -> None:
    with pytest.raises(Misconfigured, match="latency has no --ticks"):
        catalogue.run("latency", ticks=5)


def test_the_list_names_every_bench() -> None:
    answer = runner.invoke(app, ["bench", "list", "--json"])
    assert answer.exit_code == 0
    assert [each["name"] for each in orjson.loads(answer.stdout)] == list(catalogue.BY_NAME)


def test_the_last_line_of_json_is_the_principal_figure_with_all_the_others() -> None:
    answer = runner.invoke(app, ["bench", "inprocess", "--rounds", "1", "--ticks", "100", "--json"])
    assert answer.exit_code == 0
    found = orjson.loads(answer.stdout.splitlines()[-1])
    assert found["name"] == "tick to quote, p50"
    assert {"ratio", "against", "rounds", "median", "low", "high", "unit"} <= found.keys()
    assert found["rounds"] == 1
    assert len(found["figures"]) == 7
