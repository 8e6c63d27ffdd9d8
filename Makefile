PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
OUT ?= runs/demo

.PHONY: demo variants soak trust test lint models protos speed clean
.DELETE_ON_ERROR:

$(VENV)/.core: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q -e .
	@touch $@

$(VENV)/.dev: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q -e '.[dev]'
	@touch $@ $(VENV)/.core

$(VENV)/.models: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q -e '.[models]'
	@touch $@ $(VENV)/.core

demo: $(VENV)/.core ## eight virtual phones, three models, three delegates, a per-tier report
	$(BIN)/harness run tests/models/demo.yaml --virtual 8 --out $(OUT)

variants: $(VENV)/.models ## train a small net, build every kind of variant, judge each, run all on four virtual phones
	$(BIN)/harness variants build tests/models/variants/recipe.yaml --out runs/variants
	$(BIN)/harness variants evaluate tests/models/variants/recipe.yaml --out runs/variants
	$(BIN)/harness run tests/models/variants/suite.yaml --virtual 4 --out runs

soak: $(VENV)/.dev ## 16 virtual phones, 500 faults of every kind, 50 killed controllers: nothing lost, doubled or falsely clean
	$(BIN)/python -m tests.soak

trust: $(VENV)/.dev ## coverage of intervals, errors of energy, phone time that adaptive repeats save, against a known truth
	$(BIN)/python -m tests.speed.trust

test: lint ## the whole suite
	@# More workers than cores: many tests wait for phones.
	$(BIN)/python -m pytest -n 4 --dist worksteal

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

speed: $(VENV)/.dev ## the benchmark of the harness itself
	$(BIN)/python -m tests.speed.rack
	$(BIN)/python -m tests.speed.parse
	$(BIN)/python -m tests.speed.first_run
	$(BIN)/python -m tests.speed.evaluate
	$(BIN)/python -m tests.speed.sampler

protos: $(VENV)/.dev ## generate the result files' readers from their .proto sources
	$(BIN)/python -m grpc_tools.protoc -I harness/protos --python_out=harness/protos --pyi_out=harness/protos harness/protos/*.proto

models: ## train and convert the test models again (needs the extra `models`)
	$(PYTHON) -m venv $(VENV)-models
	$(VENV)-models/bin/python -m pip install -q -e '.[models]'
	$(VENV)-models/bin/python tests/models/make_models.py

clean:
	rm -rf $(VENV) runs .mypy_cache .pytest_cache .ruff_cache .hypothesis
