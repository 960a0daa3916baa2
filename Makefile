# Everything a clean clone needs. `make help` lists what can be asked; the README says what each
# does without make.

VENV ?= .venv
BIN := $(VENV)/bin
REPLICATIONS ?= 20
# The first interpreter that really starts and is new enough (a name on the path may not start).
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& { command -v $$p; break; }; done)

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo app test lint bench lock

help:
	@echo 'make demo     set up, compare the retail bank under its structures, write a report'
	@echo 'make app      set up, open the page: structures side by side, played in the browser'
	@echo 'make test     set up for development and run the tests'
	@echo 'make lint     style, strict types of sim/, the import contract'
	@echo 'make bench    speed beside SimPy, Ciw, Mesa agents and C (some minutes)'
	@echo 'make lock     resolve the pinned, hashed locks anew'
	@echo
	@echo 'Settings: VENV=.venv  PYTHON=python3  REPLICATIONS=20 (demo)  SCENARIO=file (app)'
	@echo '          PYTEST="-k name" (test)'

demo: $(VENV)/.core
	@$(BIN)/orgsim compare retail_bank --replications $(REPLICATIONS)
	@report=$$(ls -t results/retail_bank-*/report.html | head -n 1); printf '%s\n' '' \
	'What next:' '' \
	'  $(BIN)/orgsim describe retail_bank' \
	'  $(BIN)/orgsim follow retail_bank --customer 7' \
	'  $(BIN)/orgsim new my_firm' '' \
	"Report: $$report"

app: $(VENV)/.core
	@$(BIN)/orgsim app $(SCENARIO)

test: $(VENV)/.dev
	$(BIN)/python -m pytest -q $(PYTEST)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(VENV)/.bench
	$(BIN)/python scripts/bench.py

# --- the environment: $(VENV), with a stamp per lock ----------------------------------------

$(VENV)/.tools: requirements-setup.lock
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer is needed: make PYTHON=...' >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install -q --require-hashes -r $< \
	|| echo 'uv cannot be installed here: pip does its work, more slowly'
	@touch $@

# A lock into the environment, and OrgSim itself from this folder.
with_uv = $(BIN)/uv pip install -q --python $(BIN)/python
with_pip = $(BIN)/python -m pip install -q
define install
	@echo 'installing $(1) into $(VENV)'
	@{ test -x $(BIN)/uv && $(with_uv) --require-hashes --compile-bytecode -r $(1) \
	   && $(with_uv) --no-deps --no-build-isolation -e . ; } \
	|| { $(with_pip) --require-hashes -r $(1) && $(with_pip) --no-deps -e . ; }
	@touch $@
endef

$(VENV)/.core: requirements.lock pyproject.toml $(VENV)/.tools
	$(call install,requirements.lock)

$(VENV)/.dev: requirements-dev.lock pyproject.toml $(VENV)/.tools
	$(call install,requirements-dev.lock)

$(VENV)/.bench: requirements-bench.lock $(VENV)/.dev
	$(call install,requirements-bench.lock)

# --- the locks -------------------------------------------------------------------------------
# Universal (every system, Python 3.11 and newer) but for the bench's, which is for Linux: on
# macOS Ciw and Mesa ask for different setuptools. No lock holds an address. What is pinned stays
# as it is unless pyproject.toml asks for more, or with LOCK=--upgrade.

resolve = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock' $(LOCK)

lock: $(VENV)/.tools
	$(resolve) pyproject.toml -o requirements.lock
	$(resolve) --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	$(resolve) --group setup -c requirements-dev.lock -o requirements-setup.lock
	linux=$$(mktemp -d) && trap 'rm -r "$$linux"' EXIT \
	&& cp pyproject.toml requirements-dev.lock requirements-bench.lock "$$linux" \
	&& printf '\n[tool.uv]\nenvironments = ["%s"]\n' "sys_platform == 'linux'" \
		>> "$$linux/pyproject.toml" \
	&& $(resolve) --directory "$$linux" --extra dev --extra bench -c requirements-dev.lock \
		pyproject.toml -o requirements-bench.lock \
	&& cp "$$linux/requirements-bench.lock" .
