# The benchmarks' target, included by the Makefile at the root. BENCH names some of them: make bench BENCH=help
PYTHON ?= python3
BENCH ?=

.PHONY: bench

bench: lab-up ## Measure against peers, and write bench/RESULTS.md
	$(PYTHON) -m bench $(BENCH)
