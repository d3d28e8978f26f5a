# make                 this list
# COMFYUI=/path        use that ComfyUI and its own Python instead of building one
# COMFYUI_PYTHON=...   the Python of that ComfyUI, where it is not in the usual place
# FRONTEND=newest      for make test: the browser tests alone, on the page of scripts/newest-frontend.lock
# TAG=v1.0.0           for make release: the tag that the version has to agree with
# PYTHON=python3.12    the Python that .venv is made of (3.10 to 3.13)

PYTHON ?= python3
export COMFYUI COMFYUI_PYTHON PORT TAG

ifeq ($(OS),Windows_NT)
VENV_PYTHON := .venv/Scripts/python.exe
else
VENV_PYTHON := .venv/bin/python
endif
# node and npm come with the development tools; an absolute path, since npm looks for node there.
NPM := PATH="$(CURDIR)/$(dir $(VENV_PYTHON)):$$PATH" npm

SETUP := $(PYTHON) scripts/setup.py
BROWSER_TESTS := tests/integration/editor tests/integration/test_browser.py
# What runs ComfyUI runs the demo: .venv's Python, or that of COMFYUI. Known only after the set-up.
HOST_PYTHON = "$$($(PYTHON) scripts/host.py)"

.DEFAULT_GOAL := help
.PHONY: help setup demo test serve lint docs site fuzz soak matrix workflows gif lock release clean

help: ## List the targets
	@sed -n 's/^# //p; /^$$/q' Makefile
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile

setup: ## Build .venv/ and .host/ComfyUI/ (once, about 3 minutes)
	@$(SETUP)

demo: setup ## Make a video from the demo picture and its drags, in a real ComfyUI
	@$(HOST_PYTHON) scripts/demo.py

soak: setup ## Run many prompts from many clients, with interrupts, in a real ComfyUI (ARGS="--prompts 300")
	@$(HOST_PYTHON) tests/long/soak.py $(ARGS)

serve: setup ## Run ComfyUI with the pack on http://127.0.0.1:8188 (PORT=)
	@$(PYTHON) scripts/serve.py

ifeq ($(FRONTEND),newest)
test:
	@$(SETUP) --chromium --newest-frontend
	@echo "[test] tests in a browser, on the newest frontend"
	@COMFYUI_FRONTEND="$(CURDIR)/.host/newest-frontend/comfyui_frontend_package/static" \
	    $(VENV_PYTHON) scripts/run_tests.py $(BROWSER_TESTS) $(ARGS)
else
test: ## Set up, lint, and run every test (ARGS= goes to pytest)
	@COMFYUI= $(SETUP) --chromium
	@$(if $(COMFYUI),$(SETUP))
	@$(MAKE) --no-print-directory lint
	@echo "[test] the editor's modules without a page (node --test)"
	@$(NPM) test --silent
	@echo "[test] in a browser, inside ComfyUI's own process, through its HTTP and WebSocket API, and the library alone"
	@$(VENV_PYTHON) scripts/run_tests.py $(ARGS)
	@echo "[test] all passed. ComfyUI's logs: .host/logs/   what is tested where: CONTRIBUTING.md"
endif

matrix: ## Try the pack on older ComfyUIs, each Python and the newest frontend, and write docs/compatibility.md's table (an hour)
	@COMFYUI= $(SETUP) --chromium
	@COMFYUI= COMFYUI_PYTHON= $(VENV_PYTHON) tests/long/matrix.py --page $(ARGS)

lint: node_modules/.package-lock.json ## Check the code (ruff, eslint, tsc); needs `make setup`
	@echo "[lint] ruff check"
	@$(VENV_PYTHON) -m ruff check --output-format=concise .
	@echo "[lint] eslint, tsc"
	@$(NPM) run --silent lint

node_modules/.package-lock.json: package-lock.json package.json
	@echo "[lint] npm ci: eslint, TypeScript and fast-check into node_modules/"
	@$(NPM) ci --silent --no-audit --no-fund
	@touch $@

docs: ## Write the parts of the documentation that come from the nodes' schemas, after a change of one
	@COMFYUI= $(SETUP)
	@COMFYUI= $(VENV_PYTHON) tools/docs.py

site: ## Build the documentation's site into site/; needs `make setup`
	@NO_MKDOCS_2_WARNING=1 $(VENV_PYTHON) -m mkdocs build --strict
	@echo "[site] site/index.html"

fuzz: setup ## Random and damaged inputs for every parser, loader and node (MINUTES=10)
	@$(VENV_PYTHON) -m pip --disable-pip-version-check install --quiet --no-deps "atheris==3.0.0" || \
	    echo "[fuzz] atheris cannot be had for this Python; inputs are drawn without regard to coverage"
	@$(VENV_PYTHON) tests/long/fuzz.py --minutes $(or $(MINUTES),10)

workflows: ## Renew workflows/api/ and the templates' pictures after a change of a template
	@COMFYUI= $(SETUP) --chromium
	@$(VENV_PYTHON) tools/export_workflows.py

gif: ## Record the GIFs of assets/ in ComfyUI's page, with the demo's picture and model
	@COMFYUI= $(SETUP) --chromium
	@$(VENV_PYTHON) tools/record_gifs.py

lock: ## Renew scripts/requirements.lock; needs `make setup`
	@$(PYTHON) -m venv .host/lock
	@.host/lock/bin/pip --disable-pip-version-check install --quiet uv
	@.host/lock/bin/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-annotate \
	    --custom-compile-command "make lock" scripts/requirements.in pyproject.toml --all-extras \
	    -o scripts/requirements.lock
	@echo "[lock] scripts/requirements.lock is renewed; run make test"

release: ## Check that this commit can be released, and build dist/ (TAG=)
	@COMFYUI= $(SETUP) --chromium
	@COMFYUI= $(VENV_PYTHON) scripts/release.py --tag "$$TAG"

clean: ## Remove .venv/, .host/ (with the models and outputs in it), output/ and caches
	@echo "[clean] removing .venv .host node_modules output site and caches"
	@rm -rf .venv .host node_modules output site .pytest_cache .ruff_cache .hypothesis build dist *.egg-info
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
