# Everything that people and CI do with this project. `make` lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
COMPILED := $(VENV)/.compiled
PIP := $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check
TOOL_PACKAGES := bind9-dnsutils openssl strace buildah podman runc debootstrap prometheus chromium
OVERLAY ?= homelab
VERSION := $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' src/catalyst_dns_sync/__init__.py)
COMMIT = $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
IMAGE ?= localhost/catalyst-dns-sync:dev
BUILDER ?= $(if $(shell command -v docker),docker build,$(if $(shell command -v podman),podman build,buildah bud))
BUILD_FLAGS ?=
DIST ?= dist
KUSTOMIZATION = $(firstword $(wildcard manifests/overlays/$(OVERLAY)) $(OVERLAY))

# The tests start some hundred processes: each would compile what it imports anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help

.PHONY: help
help: ## list what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 ..."; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@# All that is pinned is fetched by two pips at once and needs no resolving: that halves the time.
	@sed '/^#/d' constraints.txt | xargs -P 2 -n 40 $(PIP) --no-deps
	$(PIP) --no-build-isolation -c constraints.txt -e . $$($(BIN)/python scripts/dev_requirements.py)
	@touch $@

.PHONY: install
install: $(STAMP) ## set up .venv with the program and the development tools

.PHONY: run
run: $(STAMP) ## start the sandbox: an embedded cluster, an embedded DNS server, the daemon
	@$(BIN)/catalyst-dns-sync sandbox

.PHONY: dev
dev: $(STAMP) ## run the daemon on ./.dev/hosts, and start it again at each saved file
	@$(BIN)/catalyst-dns-sync dev

.PHONY: test
test: $(STAMP) ## run every check
	@# The tests first, and beside them one check after the other.
	@$(MAKE) --no-print-directory -j 2 pytest checks

.PHONY: checks
checks: check-format lint types layers check-docs ## run every check but the tests

.PHONY: check-format
check-format: $(STAMP) ## check the format
	$(BIN)/ruff format --check --quiet .

.PHONY: lint
lint: $(STAMP) ## lint
	$(BIN)/ruff check --quiet .

.PHONY: types
types: $(STAMP) ## check the types
	$(BIN)/mypy

.PHONY: layers
layers: $(STAMP) ## check who imports whom
	@$(BIN)/lint-imports --no-logo

.PHONY: check-docs
check-docs: $(STAMP) ## check what is made from the settings, the metrics and the alert rules
	$(BIN)/python scripts/settings_docs.py --check
	$(BIN)/python scripts/metrics_docs.py --check
	$(BIN)/python scripts/monitoring.py --check

.PHONY: pytest
pytest: $(COMPILED) ## run the tests on all cores; ARGS="-k name" chooses
	$(BIN)/python -m pytest -q -rs -n auto --dist worksteal $(ARGS)

# One process compiles what the tests import: the workers begin together, and each would do it.
$(COMPILED): $(STAMP)
	@$(BIN)/python -m pytest -q --collect-only >/dev/null 2>&1 || :
	@touch $@

.PHONY: simulate
simulate: $(STAMP) ## play N (10000) schedules of the simulation from fresh seeds
	PYTHONPATH=tests $(BIN)/python -m simulation.run --seeds $(or $(N),10000)

.PHONY: mutants
mutants: $(STAMP) ## break the program on purpose, and let the simulation find it
	PYTHONPATH=tests $(BIN)/python -m simulation.mutants

.PHONY: fuzz
fuzz: $(STAMP) ## throw N (1000000) inputs at the rule parser
	$(BIN)/python scripts/fuzz_rules.py --inputs $(or $(N),1000000)

.PHONY: fuzz-api
fuzz-api: $(STAMP) ## let schemathesis ask the API N (100) things of each sort, for minutes
	$(BIN)/python scripts/fuzz_api.py --examples $(or $(N),100) $(ARGS)

.PHONY: soak
soak: $(STAMP) ## run the sandbox for MINUTES (60) with edits and breakages, and look for growth
	$(BIN)/python scripts/soak.py --minutes $(or $(MINUTES),60)

.PHONY: soak-virtual
soak-virtual: $(STAMP) ## run the daemon on the homelab for DAYS (30) of virtual time, and look for growth
	$(BIN)/python scripts/soak_virtual.py --days $(or $(DAYS),30)

.PHONY: takeover
takeover: $(STAMP) ## take over NAMES (40) of external-dns, and die at each call in turn
	$(BIN)/python scripts/takeover.py --names $(or $(NAMES),40) $(ARGS)

.PHONY: bench
bench: $(STAMP) ## measure the program on 2 quiet cores, 9 minutes; writes docs/performance.md
	$(BIN)/python -m benchmarks.run $(ARGS)

.PHONY: profile
profile: $(STAMP) ## profile the first sync of 10,000 names, or WHAT=move, or WHAT=event
	$(BIN)/python -m benchmarks.profiles $(or $(WHAT),sync) $(ARGS)

.PHONY: bench-servers
bench-servers: $(STAMP) ## measure the embedded servers, 40 s; writes docs/performance-servers.md
	$(BIN)/python -m benchmarks.servers

.PHONY: bench-probes
bench-probes: $(STAMP) ## measure the probes while 10,000 names are synced and while Technitium hangs
	$(BIN)/python -m benchmarks.probes

.PHONY: bench-pages
bench-pages: $(STAMP) ## measure the table of 10,000 names: search, filter, sort
	$(BIN)/python -m benchmarks.pages

.PHONY: runbook
runbook: $(STAMP) ## run every command of docs/runbook.md on a sandbox in trouble
	$(BIN)/python scripts/try_runbook.py

.PHONY: vendor
vendor: ## fetch the scripts that the pages use from npm, as scripts/vendor_ui.py pins them
	$(PYTHON) scripts/vendor_ui.py

.PHONY: ui-pictures
ui-pictures: $(STAMP) ## take the pictures of the pages for the documentation, with Chromium
	$(BIN)/python scripts/ui_pictures.py $(ARGS)

.PHONY: test-tools
test-tools: ## install the optional real programs that tests use (Debian, as root)
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(TOOL_PACKAGES)
	-command -v kube-score || ! command -v go || \
	  GOBIN=/usr/local/bin go install github.com/zegl/kube-score/cmd/kube-score@v1.20.0

.PHONY: fix
fix: $(STAMP) ## format, and mend what the linter can mend
	$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

.PHONY: docs
docs: $(STAMP) ## write what is made from the settings, the metrics and the alert rules
	$(BIN)/python scripts/settings_docs.py
	$(BIN)/python scripts/metrics_docs.py
	$(BIN)/python scripts/monitoring.py

.PHONY: plan
plan: $(STAMP) ## show what a pass would change, with the settings of the environment
	@$(BIN)/catalyst-dns-sync plan || test $$? = 2 # there is something to do

.PHONY: version
version: ## print this version
	@echo $(VERSION)

.PHONY: wheel
wheel: $(STAMP) ## build the wheel into dist/
	@echo $(COMMIT) > src/catalyst_dns_sync/COMMIT
	@trap 'rm -f src/catalyst_dns_sync/COMMIT' EXIT; \
	  $(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir $(DIST) .

.PHONY: image
image: ## build the container image as IMAGE, with BUILDER, on BASE_IMAGE
	$(BUILDER) $(BUILD_FLAGS) $(if $(BASE_IMAGE),--build-arg BASE_IMAGE=$(BASE_IMAGE)) \
	  --build-arg VERSION=$(VERSION) --build-arg COMMIT=$(COMMIT) --tag $(IMAGE) .

.PHONY: image-test
image-test: $(STAMP) ## build the image and run it against the sandbox, without Docker or a registry
	$(BIN)/python -m pytest -q -rs -m image tests/image

.PHONY: changelog
changelog: $(STAMP) ## gather changelog.d into CHANGELOG.md, for this version
	$(BIN)/python scripts/changelog.py $(VERSION) $$(date -u +%F)

.PHONY: release
release: ## check everything, build the wheel, and tag this version; pushing the tag publishes it
	@test -z "$$(git status --porcelain)" || { echo "commit first"; exit 1; }
	@! git rev-parse -q --verify v$(VERSION) >/dev/null || \
	  { echo "v$(VERSION) exists: raise __version__, and newTag in manifests/base"; exit 1; }
	$(MAKE) test image-test wheel
	git tag --annotate --message "catalyst-dns-sync $(VERSION)" v$(VERSION)
	@echo "now: git push origin v$(VERSION)"

.PHONY: deploy
deploy: ## install in the cluster of kubectl; OVERLAY=homelab, or the path of another
	kubectl apply -k $(KUSTOMIZATION)

# Without the namespace: others may live there, and it would take them along.
.PHONY: undeploy
undeploy: ## take the installation away, but the namespace; the records stay
	kubectl kustomize $(KUSTOMIZATION) | \
	  awk 'BEGIN { RS = ORS = "---\n" } !/\nkind: Namespace\n/' | \
	  kubectl delete --ignore-not-found -f -

.PHONY: clean
clean: ## remove what was made
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
