# Malla on one machine, without containers. Every goal brings what it needs first; deploy/local/README.md says how.
SHELL := bash
.SHELLFLAGS := -Eeuo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --warn-undefined-variables --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help

svc ?=
email ?=
permissions ?=
part ?=
file ?=
run := exec deploy/local/run.sh

.PHONY: help up down reset restart logs status dev grant revoke test lint format gen bench attack conformance schemathesis nightly e2e soak split-check setup hooks

help: ## Show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS=$$'\t' read -r goal text; do printf '  %-12s %s\n' "$$goal" "$$text"; done

up: ## Start every process in the background, wait until all are healthy, say what to try
	@$(run) up "$(svc)"

down: ## Stop every process that `make up` started (svc= only that one and its MySQL)
	@$(run) down "$(svc)"

reset: ## Stop them and forget all data, keys and certificates
	@$(run) reset "$(svc)"

restart: ## Stop, migrate and start again (svc= only that one)
	@$(run) restart "$(svc)"

logs: ## Follow the logs (svc= only that one, with its MySQL)
	@$(run) logs "$(svc)"

status: ## List the processes, their pids and whether they are healthy
	@$(run) status "$(svc)"

dev: ## Run one process in the foreground, restarting at every change (svc=svc-users)
	@$(run) dev "$(svc)"

grant: ## Make an account an operator (email=ada@example.com permissions="ledger:verify ledger:read")
	@$(run) job svc-users grant --unverified "$(email)" $(permissions)

revoke: ## Take permissions away again, as in make grant
	@$(run) job svc-users revoke "$(email)" $(permissions)

test: ## Lint, then every folder's tests and those of the whole mesh (svc= only that one, file=test/x.test.ts only that file of it)
	@$(run) test "$(svc)" "$(file)"

lint: ## Format, lint, types and import boundaries of every folder (svc= only that one)
	@$(run) lint "$(svc)"

format: ## Format every folder and apply the linter's safe repairs (svc= only that one)
	@$(run) format "$(svc)"

gen: ## After an edit of a contract or the chassis: build both, refresh every folder's copy
	@$(run) gen "$(svc)"

bench: ## Measure the gateway and the services in a mesh of their own (part=purchases only that part)
	@$(run) bench "$(svc)" $(part)

conformance: ## Google's protobuf conformance suite against the gateway's translation
	@$(run) conformance "$(svc)"

attack: ## Attacks from one address at default limits, while somebody else buys (ATTACK_PRODUCTS=80000, ATTACK_SECONDS=15 each)
	@$(run) attack "$(svc)"

schemathesis: ## Requests that the OpenAPI document allows and forbids, where Python is there (SCHEMATHESIS_SECONDS=600)
	@$(run) schemathesis "$(svc)"

nightly: ## Generated tests with many more cases than in make test, then make schemathesis and make attack
	@$(run) nightly "$(svc)"

e2e: ## Only the tests of the whole mesh, in a mesh of their own
	@$(run) e2e "$(svc)"

soak: ## 10,000 purchases while processes die, as in make test with 300; says once a minute how far it is
	@$(run) soak "$(svc)"

split-check: ## Prove that each folder installs, builds and passes its unit tests alone (svc= only that one)
	@$(run) split-check "$(svc)"

setup: ## Bring Node, install and build every folder (svc= only that one)
	@$(run) setup "$(svc)"

hooks: ## Check the subject of each commit in this clone, before git makes it
	@git config core.hooksPath .githooks
