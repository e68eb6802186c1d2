# Everything runs in .venv, which is made and kept up by infra/venv.sh. See CONTRIBUTING.md.
.DEFAULT_GOAL := help
.PHONY: help demo test check lint types imports templates image rules advisories package bench browser clean demo-venv dev-venv
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
PYTHON ?=
export PYTHON
WORKERS ?= 2
FOLDERS := lambda collectors store operations dashboard infra demo docs examples benchmarks tests

help: ## say what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile

demo: demo-venv ## start the embedded cloud, the example service and the dashboard; Ctrl-C stops them
	@exec $(BIN)/python -m demo up

test: dev-venv browser ## run every test, with coverage
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --cov --cov-report=term

check: lint types imports templates image advisories rules ## run every check that is not a test of behaviour

lint: dev-venv ## style and complexity (ruff)
	$(BIN)/python -m ruff check .

types: dev-venv ## types (mypy --strict)
	$(BIN)/python -m mypy --strict $(wildcard $(FOLDERS))

imports: dev-venv ## who may import whom (import-linter)
	$(BIN)/lint-imports

templates: dev-venv ## CloudFormation templates (cfn-lint)
	$(BIN)/cfn-lint infra/template.yaml infra/member.yaml examples/orders/template.yaml

image: dev-venv ## the dashboard's Dockerfile (hadolint)
	$(BIN)/hadolint Dockerfile

advisories: dev-venv ## known vulnerabilities in what the dashboard runs on (pip-audit)
	@$(BIN)/python -m infra.advisories

rules: dev-venv ## house rules, and that the papers say what the code does
	$(BIN)/python -m pytest -q -o verbosity_assertions=2 tests/test_house_rules.py tests/test_docs.py

package: demo-venv ## build the Lambda package that is deployed
	$(BIN)/python -m infra.package

bench: demo-venv ## measure what is promised: reading speed, memory, import time
	$(BIN)/python -m benchmarks

browser: ## find or install the Chromium of the browser tests
	@sh infra/browser.sh

clean: ## remove what make made, .venv too
	rm -rf .venv build .demo .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

demo-venv:
	@sh infra/venv.sh requirements-demo.txt

dev-venv:
	@sh infra/venv.sh requirements-dev.txt
