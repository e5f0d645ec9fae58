# Every target sets up what it needs: a bare machine with python3 >= 3.11 (venv, pip) and make is enough.
PYTHON ?= python3
BIN := .venv/bin
# The system's certificates, as pip takes them: a machine may stand behind a proxy of its own.
UV := $(BIN)/uv --system-certs

# A machine that forbids compiled files has each of the tests' processes compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test proofs check docs coverage mutants faults faults-full soak soak-short bench model wheel lock clean

demo: .venv/ready
	$(BIN)/tamis demo

test: .venv/ready
	$(BIN)/pytest -n 2 --dist loadgroup

proofs: .venv/ready
	$(BIN)/pytest -n 3 -m proof

# Which lines no test runs; the crawls and commands that tests start are followed.
coverage: .venv/ready
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 3 --dist loadgroup
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# Which changes to the modules that differ from BASE no test notices.
mutants: .venv/ready
	$(BIN)/python -m tests.mutants $(BASE)

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

# MkDocs imports the hook that makes the reference pages as a part of the repository.
docs: .venv/ready
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

faults: .venv/ready
	$(BIN)/pytest -n 2 -m slow tests/faults -rP

faults-full: .venv/ready
	TAMIS_FAULTS=full $(BIN)/pytest -n 2 -m slow tests/faults -rP

# The life of a data folder with all that can happen to it; some twenty minutes, and two for the short one.
soak: .venv/ready
	$(BIN)/python -m tests.soak --hosts 200 --pages 100

soak-short: .venv/ready
	$(BIN)/python -m tests.soak --hosts 12 --pages 10

bench: .venv/ready
	$(BIN)/python -m benchmarks

# Needs the labelled pages in ../shared/data; some twelve minutes.
model: .venv/ready
	$(BIN)/python -m benchmarks.train

wheel: .venv/ready
	$(UV) build --offline --no-build-isolation --wheel --out-dir dist

lock: .venv/uv
	$(UV) pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --universal --python-version 3.11.0 \
	  --all-extras pyproject.toml -o requirements.lock

.venv/uv:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	touch $@

.venv/ready: .venv/uv requirements.lock pyproject.toml
	VIRTUAL_ENV=.venv $(UV) --no-config pip install --quiet --require-hashes -r requirements.lock
	VIRTUAL_ENV=.venv $(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf .venv data dist .mutants .coverage* .mypy_cache .ruff_cache .pytest_cache
