# Two commands are enough: `make demo` and `make test`. The rest is for people who change the migrator.
#
# Whether something must be installed is for scripts/setup to find out, not for make: a timestamp does not show that
# Erlang is gone or that the clone was moved. It answers at once when nothing is missing.

SHELL := /bin/bash
BIN := .venv/bin

# Two releases of Debian whose beams are compared by real-pairs. For a sample, name some packages and
# a folder of their own: make real-pairs PAIRS=.work/sample PACKAGES='erlang-inets erlang-mnesia'
OLD_SUITE ?= bullseye
NEW_SUITE ?= bookworm
PAIRS ?= .work/pairs
PACKAGES ?=

# More arguments for the program that a target runs: make test ARGS='-k downgrade'
ARGS ?=

# Lines of JSON: changes of state records, and migrations that people wrote by hand.
DATA ?=
HUMAN ?=

# How many terms property tries on each sample, and where they begin.
TERMS ?= 100000
SEED ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup demo release-demo test fuzz property mutants check lint format types real-pairs survey survey-verify hardest fidelity pairs renames test-otp bench bench-scale ejabberd lock

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## install what is missing: Erlang, and .venv with the command in .venv/bin/migrator
	@scripts/setup

demo: setup ## upgrade and downgrade a running server under load
	@$(BIN)/python scripts/demo.py $(ARGS)

release-demo: setup ## build a release in three versions with rebar3, and upgrade it under clients
	@$(BIN)/python scripts/release_demo.py $(ARGS)

test: setup ## run every test
	@$(BIN)/pytest -n auto $(ARGS)

# So many mutations of each kind of file, and a hundred kills of each command.
FUZZ ?= 2000

fuzz: setup ## spoil thousands of beams, texts and tarballs, and kill the commands at a hundred moments (FUZZ=N)
	@MIGRATOR_FUZZ=$(FUZZ) $(BIN)/pytest -n auto tests/test_fuzz.py tests/test_fuzz_forms.py tests/test_fuzz_texts.py tests/test_fuzz_tarballs.py tests/test_fuzz_releases.py tests/test_bounds.py tests/test_killed.py $(ARGS)

property: setup ## try 100,000 terms on the converter of every sample (TERMS=N, SEED=N)
	@MIGRATOR_PROPERTY_TERMS=$(TERMS) MIGRATOR_PROPERTY_SEED=$(SEED) $(BIN)/pytest -q -n auto tests/test_property.py $(ARGS)

# The pairs alone take some ten minutes: ARGS='--most 1' is quicker, ARGS='--only containers' one of them.
mutants: setup pairs ## measure verify by migrations that are wrong on purpose
	@$(BIN)/python scripts/mutants.py --pairs $(PAIRS)/$(OLD_SUITE) $(PAIRS)/$(NEW_SUITE) $(ARGS)

# Three targets, so that `make -k check` shows what each of them finds.
check: lint format types ## lint, formatting and types

lint: setup
	@$(BIN)/ruff check .

format: setup
	@$(BIN)/ruff format --check .

types: setup
	@$(BIN)/mypy

real-pairs: setup pairs ## migrate the modules that changed between two releases of Debian
	@$(BIN)/python scripts/real_pairs.py $(PAIRS)/$(OLD_SUITE) $(PAIRS)/$(NEW_SUITE) $(ARGS)

survey: setup ## plan the mined changes of DATA, and the migrations by hand of HUMAN
	@if [ -n "$(DATA)" ]; then $(BIN)/python scripts/survey.py $(DATA) $(ARGS); fi
	@if [ -n "$(HUMAN)" ]; then $(BIN)/python scripts/survey_human.py $(HUMAN); fi

survey-verify: setup ## try the migrations of the mined changes of DATA on states (ARGS='--limit 300 --states 200')
	@$(BIN)/python scripts/survey_verify.py $(DATA) $(ARGS)

hardest: setup pairs ## upgrade and downgrade ten real servers of those two releases, live
	@$(BIN)/python scripts/hardest.py $(PAIRS)/$(OLD_SUITE) $(PAIRS)/$(NEW_SUITE) $(ARGS)

fidelity: setup ## show that compiling the beams of this Erlang again gives their own code
	@$(BIN)/python scripts/fidelity.py $(ARGS)

# Which tests: all that Erlang has a part in. TESTS='tests/test_samples.py …' chooses others.
OTP ?= 27
WITHOUT_ERLANG := architecture cli_help docs survey rename_evidence termtext terms rules_grammar wheel
TESTS ?= $(filter-out $(WITHOUT_ERLANG:%=tests/test_%.py),$(wildcard tests/test_*.py))

test-otp: setup ## run the tests on another OTP: OTP=27 or OTP=29, fetched from Debian
	@programs=$$(scripts/otp $(OTP)) && PATH="$$programs:$$PATH" $(BIN)/pytest -n auto $(TESTS) $(ARGS)

renames: setup pairs ## measure how well renamed fields are recognised (ARGS='--data FILE' for mined changes)
	@$(BIN)/python scripts/rename_evidence.py $(PAIRS)/$(OLD_SUITE) $(PAIRS)/$(NEW_SUITE) $(ARGS)

# No target of its own in the help: real-pairs fetches what it needs.
pairs:
	@scripts/debian-beams -d $(PAIRS)/$(OLD_SUITE) $(OLD_SUITE) $(PACKAGES)
	@scripts/debian-beams -d $(PAIRS)/$(NEW_SUITE) $(NEW_SUITE) $(PACKAGES)

bench: setup ## measure speed: every figure is a ratio taken within one run; writes docs/SPEED.md and docs/speed.svg
	@$(BIN)/python -c 'import matplotlib' 2>/dev/null || $(BIN)/python -m pip install -qq --no-deps -r requirements-bench.lock
	@$(BIN)/python benchmarks/bench.py $(ARGS)

bench-scale: setup ## measure the hook on releases of 250 to 2,000 modules, beside rebar3 compile
	@command -v rebar3 >/dev/null || scripts/apt-install rebar3
	@$(BIN)/python benchmarks/scale.py $(ARGS)

ejabberd: setup ## hook and appup over all of ejabberd 23.01 of Debian against 21.01
	@$(BIN)/python scripts/ejabberd.py $(ARGS)

lock: setup ## write requirements.lock anew from pyproject.toml
	@$(BIN)/python scripts/lock.py
