# dpvs-rs: what one does with it. `make` lists the targets.

# Instruction set: what .cargo/config.toml says (x86-64-v3), or for older machines `make MARCH=x86-64-v2 …`.
MARCH ?=
ifneq ($(MARCH),)
export RUSTFLAGS := -Ctarget-cpu=$(MARCH)
endif

# Where a program is missing, end-to-end tests say `skipped: …`; with STRICT=1 they fail.
STRICT ?=
ifneq ($(STRICT),)
export DPVS_LAB_STRICT := 1
endif

CARGO ?= cargo

.DEFAULT_GOAL := help
.PHONY: help setup build demo test loom ceilings lint bench long

help: ## lists the targets
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16
	@echo '  MARCH=x86-64-v2 for machines without AVX2; STRICT=1 makes skipped tests fail'

setup: ## installs what is missing (Debian 12 and 13; asks on a terminal)
	@scripts/setup.sh

build: setup ## builds every program
	$(CARGO) build --workspace --bins

demo: build ## sets up a director with client and backends on this machine, and shows it at work
	@$(CARGO) run --quiet --package demo

test: build loom ## all tests; as root the end-to-end ones too
	$(CARGO) test --workspace

loom: ## ring and publication, in every order that two threads can take
	RUSTFLAGS='--cfg loom' CARGO_TARGET_DIR=target/loom $(CARGO) test --package flow --release --lib loom

ceilings: setup ## instructions per packet, held against benches/ceilings.txt
	$(CARGO) run --release --package bench -- --ceilings benches/ceilings.txt

long: build ## the tests that take minutes
	$(CARGO) test --workspace -- --ignored

lint: ## format, clippy and documentation, without a warning
	@if $(CARGO) fmt --version >/dev/null 2>&1; then \
		set -x; $(CARGO) fmt --all --check; \
	else echo 'skipped: format: rustfmt is not installed'; fi
	@if $(CARGO) clippy --version >/dev/null 2>&1; then \
		set -x; $(CARGO) clippy --workspace --all-targets -- -D warnings; \
	else echo 'skipped: clippy: it is not installed'; fi
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --workspace --no-deps

bench: setup ## cycles and instructions per packet
	$(CARGO) run --release --package bench
