# The targets that people type; CI runs `make test`. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help demo demo-down preview status image artifacts lint unit package molecule long test clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## a monitored cluster of seven containers on this machine, with traffic on it
	@tools/demo up

demo-down: ## remove the demo
	@tools/demo down

preview: ## a picture of every dashboard, drawn from the demo's Prometheus
	@"$$(tools/venv tools/requirements-preview.txt)/bin/python" -m tools.preview

status: ## show the containers of the demo and of the tests
	@tools/containers status

image: ## the Debian images of the containers
	@tools/engine
	@tools/image debian13 debian12

artifacts: ## stage Kafka and all the rest in the cache, from the official addresses or package registries
	@"$$(tools/venv)/bin/python" packaging/stage.py

lint: ## style, types, ansible-lint
	@tools/test lint

unit: ## unit tests and promtool
	@tools/test unit

package: ## documentation, changelog, the built tarball, ansible-test sanity, oldest and newest ansible-core
	@tools/test package

molecule: ## claims on real clusters; one alone: tools/molecule test -s <claim>
	@tools/test molecule

long: ## the claims for which `make test` has no room: log shipping, changes of a cluster, balance, five controllers
	@tools/test long

test: ## everything above but long, with a time table
	@tools/test

clean: ## remove caches in the checkout and all containers of the tests; the cache outside stays
	@rm -rf .ansible .mypy_cache .pytest_cache .ruff_cache ./*.tar.gz
	@find . -name __pycache__ -prune -exec rm -rf {} +
	@for name in molecule combined kafka39 five-controllers; do tools/containers down --name $$name; done
