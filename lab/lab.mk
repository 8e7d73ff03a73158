# The lab's targets, included by the Makefile at the root.
PYTHON ?= python3

.PHONY: lab-up lab-down lab-status

lab-up: ## Bring up Docker, registry, Kubernetes and Prometheus on this machine
	$(PYTHON) -m lab up

lab-down: ## End the lab and remove what it left
	$(PYTHON) -m lab down

lab-status: ## Show the lab's parts
	$(PYTHON) -m lab status
