# QDistill. `make demo` and `make test` do all the set-up they need.
SHELL := /bin/bash
.DEFAULT_GOAL := help
ROOMS := messages ros bags features quantum quantum-gradients distillation onboard metrics

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: ## Debian packages, npm packages, native shims, the .NET build
	@tools/setup.sh run

setup-test: ## the same, with what only the tests need
	@tools/setup.sh test

demo: ## the whole flow in under three minutes; BAG=folder uses real bags
	@tools/setup.sh run
	@./qdistill demo $(if $(BAG),--bag $(BAG)) $(DEMO_FLAGS)

test: ## every test; closes with "N passed, N failed, N skipped"
	@tools/setup.sh test
	@tools/test.sh $(TEST_FLAGS)

bench: $(ROOMS:%=bench-%) ## every benchmark

bench-%: ## one room's benchmark, to out/bench/ROOM.json
	@tools/setup.sh test
	@dotnet artifacts/bin/QDistill.Benchmarks/release/qdistill-bench.dll $*

clean: ## removes what was built, not what was installed
	rm -rf artifacts out

.PHONY: help setup setup-test demo test bench clean
