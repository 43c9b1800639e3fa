# The one entry point; CI calls the same targets. `make help` lists them.
#
#   PROFILE=release   make run: an optimised server (several minutes the first time)
#   DEMO_APP=path     make test: a FastAPI relying party (app.py) to sign in to, instead of the suite's own

CARGO ?= cargo
PROFILE ?= dev
COUNTERSIGN = $(CARGO) run --locked --package countersign-server --bin countersign

.PHONY: run
run: build-deps ## Build Countersign and run it on http://localhost:9000/, with its data in ./data
	$(COUNTERSIGN) --profile $(PROFILE) -- serve

.PHONY: test
test: deps ## Run every test, on SQLite and on a throw-away PostgreSQL
	scripts/with-postgres $(MAKE) --no-print-directory test-rust test-clients

.PHONY: lint
lint: build-deps ## Check format, walls, migrations, links, dependencies, scripts, and what clippy says
	$(CARGO) fmt --all --check
	$(CARGO) xtask walls
	$(CARGO) xtask migrations
	$(CARGO) xtask links
	scripts/lint-beside-rust
	$(CARGO) clippy --locked --workspace --all-targets -- --deny warnings

.PHONY: bench
bench: build-deps ## Measure speed and memory against yardsticks of the same run
	$(CARGO) run --locked --release --package countersign-bench -- $(ARGS)

.PHONY: release
release: build-deps ## Build the server that ships, guided by a profile: target/guided/release/countersign
	scripts/build-release

.PHONY: docs
docs: build-deps ## Check the book's links and build the documentation of the code
	$(CARGO) xtask links
	RUSTDOCFLAGS="--deny warnings" $(CARGO) doc --locked --workspace --no-deps --document-private-items

.PHONY: deps
deps: ## Install what building and testing need, if it is missing
	@scripts/deps test

.PHONY: help
help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

# Parts of the above.

.PHONY: build-deps test-rust test-clients
build-deps:
	@scripts/deps build

# With -j the clients would fight the tests for the machine, so: first these, then those.
test-rust:
	$(CARGO) test --locked --workspace

test-clients: test-rust
	$(CARGO) build --locked --package countersign-server --bin countersign
	tests/openapi/run
	tests/e2e/run $(if $(DEMO_APP),--demo-app $(DEMO_APP))
