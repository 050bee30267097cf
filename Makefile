# Malla: one machine, no containers. Every goal brings what it needs first. deploy/local/README.md says how.
SHELL := bash
.SHELLFLAGS := -Eeuo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --warn-undefined-variables --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help
svc ?=
run := exec deploy/local/run.sh

.PHONY: help setup gen

help: ## Show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS=$$'\t' read -r goal text; do printf '  %-12s %s\n' "$$goal" "$$text"; done

setup: ## Bring Node, install and build every folder (svc= only that one)
	@$(run) setup $(svc)

gen: ## After an edit of a contract or the chassis: build both, refresh every folder's copy
	@$(run) gen $(svc)
