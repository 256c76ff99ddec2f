# The verbs of a day's work. `make demo` and `make test` need nothing but Python 3.11+ and a package registry.
SHELL := /bin/bash
PYTHON ?= python3
TOOLS := .tools
UV := $(shell command -v uv || echo $(TOOLS)/bin/uv)
RUN := $(UV) run --frozen --quiet
PATHS := agents bench bookstream connectors domain ops schemas sinks tables tests

.PHONY: help install demo test check unit bench drill simulate fuzz format clean

help:  ## show these verbs
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 12

install: .venv/.installed  ## install what everything needs, from the lock file

.venv/.installed: pyproject.toml uv.lock
	@command -v uv >/dev/null || { test -x $(TOOLS)/bin/uv || { $(PYTHON) -m venv $(TOOLS) && $(TOOLS)/bin/pip install --quiet 'uv>=0.9,<1'; }; }
	@$(UV) sync --frozen
	@touch $@

demo: install  ## replay a real match through the whole system and prove the result
	@$(RUN) bookstream demo $(ARGS)

test: install check  ## everything that must hold: format, lint, types, arrows, tests
	@$(RUN) pytest -n 2 --dist loadfile -m 'not broker' $(ARGS)
	@$(RUN) pytest -m broker $(ARGS)

check: install  ## format, lint, types and the arrows between the rooms
	@$(RUN) ruff format --check $(PATHS)
	@$(RUN) ruff check $(PATHS)
	@$(RUN) mypy $(PATHS)
	@$(RUN) lint-imports

unit: install  ## the tests that need no broker
	@$(RUN) pytest tests/unit tests/property $(ARGS)

bench: install  ## the performance claims: make bench ARGS=NAME
	@$(RUN) bookstream bench $(ARGS)

drill: install  ## kill every part at random under load, then verify
	@$(RUN) bookstream drill $(ARGS)

simulate: install  ## ten thousand runs of the whole system in memory, each with faults of its own
	@$(RUN) bookstream simulate $(ARGS)

fuzz: install  ## malformed inputs through every parser: make fuzz ARGS='--count 1000000 --jobs 2'
	@$(RUN) --group fuzz python -m tests.fuzz.run $(ARGS)

format: install  ## format and fix
	@$(RUN) ruff format $(PATHS)
	@$(RUN) ruff check --fix $(PATHS)

clean:  ## remove what was installed and the local state
	rm -rf .venv $(TOOLS) data
