# The house in a few commands; `make help` lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help up test check audit format docs site screenshots soak clean

BIN := .venv/bin
INPUTS := pyproject.toml constraints.txt infra/install.sh infra/compile.py infra/docker/slim.sh
EXTRAS ?=
comma := ,
PYTEST_ARGS ?=
WORKERS ?= 2
AUDIT_ARGS ?=
export PYTHON
# Nothing is compiled when it is installed, and this environment is the assistant's own: where Python may keep nothing
# compiled, each of its processes would compile for seconds at its start.
export PYTHONDONTWRITEBYTECODE :=

help: ## List the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /make \1\t/' | expand -t 18

.venv/.installed: $(INPUTS)
	@infra/install.sh

.venv/.installed-%: $(INPUTS)
	@infra/install.sh $*

up: .venv/.installed $(patsubst %,.venv/.installed-%,$(subst $(comma), ,$(EXTRAS))) ## Install what is missing, then start the assistant and print its address
	@$(BIN)/assistant prepare
	@exec $(BIN)/assistant up

test: .venv/.installed-dev check ## Install what is missing, then run the gates and every test
	@$(BIN)/python -m pytest -m "not soak" -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

check: .venv/.installed-dev ## Lint, formatting, types and layers
	@echo "==> ruff" && $(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet .
	@echo "==> mypy --strict" && $(BIN)/mypy
	@echo "==> import-linter" && $(BIN)/lint-imports --no-logo

audit: .venv/.installed-dev ## List every package (artifacts/sbom.json), check licences and known holes
	@$(BIN)/python infra/supply.py $(AUDIT_ARGS)

format: .venv/.installed-dev ## Format the code and put imports in order
	@$(BIN)/ruff check --quiet --fix . && $(BIN)/ruff format --quiet .

docs: .venv/.installed-dev ## Write the generated pages of infra/docs again
	@$(BIN)/python infra/docs/generate.py

site: .venv/.installed-dev ## Build the documentation as a site, in build/site
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict -q -f infra/site/mkdocs.yml
	@echo "build/site/index.html"

screenshots: .venv/.installed-dev ## Take the pictures of infra/docs/ui.md again
	@$(BIN)/python infra/screenshots.py

soak: .venv/.installed-dev ## Run the long tests
	@$(BIN)/python -m pytest -m soak --timeout=0 $(PYTEST_ARGS)

clean: ## Remove the environment and what tools left behind; your data stays
	@rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist ./*.egg-info artifacts
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
