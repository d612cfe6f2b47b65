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

bench-onboard: ## the onboard nodes beside a C++ peer, and their three ways of publishing, to out/bench/onboard.json
	@tools/setup.sh test
	@for way in aot r2r jit; do tools/publish-onboard.sh $$way "" artifacts/onboard-published/$$way || exit 1; done
	@dotnet artifacts/bin/QDistill.Benchmarks/release/qdistill-bench.dll onboard

soak-onboard: ## the onboard node at 200 Hz for ten minutes; SOAK_FLAGS="--minutes 1 --load"
	@tools/setup.sh test
	@dotnet artifacts/bin/QDistill.Benchmarks/release/qdistill-bench.dll onboard-soak $(SOAK_FLAGS)

publish-onboard: ## the onboard nodes as one native binary with its libraries, to out/onboard
	@tools/setup.sh run
	@tools/publish-onboard.sh

models: ## remakes the released models from their seeds
	@tools/setup.sh run
	@for model in models/*/recipe.env; do tools/make-model.sh $$(basename $$(dirname $$model)) || exit 1; done

study: ## the registered study, a night on 2 cores; goes on where it was interrupted; STUDY=name of another in studies/
	@tools/setup.sh run
	@./qdistill study run studies/$(or $(STUDY),which_signal).yaml --output out/$(or $(STUDY),which_signal)
	@./qdistill report out/$(or $(STUDY),which_signal)

clean: ## removes what was built, not what was installed
	rm -rf artifacts out

.PHONY: help setup setup-test demo test bench bench-onboard soak-onboard publish-onboard models clean
