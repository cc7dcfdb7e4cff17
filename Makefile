# make repro: the whole pipeline on the dataset that params.yaml names. make test: the tests. Both set up .venv first.
PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# an active environment or PYTHONPATH of the user's must not leak into the run
unexport PYTHONPATH PYTHONHOME

.PHONY: repro help test docs app review fuzz torture bench pictures requirements

repro: .venv/ready
	dvc repro
	@echo
	@python -c "import json; print(*json.load(open('metrics/verdict.json')).get('sentences', []), sep='\\n')"
	@echo
	@echo "Next: open metrics/report/index.html in a browser; metrics/comparison.md has the same tables."
	@echo "Change a value: source .venv/bin/activate, then dvc exp run -S classifiers.svm.C=1, then dvc metrics diff."
	@echo "Your own recordings: python -m sourcewise propose data/raw/birds, then dvc exp run -S dataset=birds."
	@echo "Ask a classifier: make app. Compare with another commit: make review BASE=main. All commands: make help."

help:
	@echo "make repro    run the pipeline on the dataset that params.yaml names; installs the packages first"
	@echo "make app      a page in your browser: drop a sound, see what each classifier predicts"
	@echo "make review   what differs from another commit, in Markdown: make review BASE=main"
	@echo "make test     the tests"
	@echo "make docs     the pages of docs/ as a site with a search: site/index.html"
	@echo "make bench    measurements of speed and of the audit, minutes; make fuzz, make torture: damaged input, hours"
	@echo
	@echo "Next: make repro, then open metrics/report/index.html."
	@echo "Change a value: source .venv/bin/activate, then dvc exp run -S classifiers.svm.C=1, then dvc metrics diff."
	@echo "Your own recordings: python -m sourcewise propose data/raw/birds, then dvc exp run -S dataset=birds."
	@echo "More: README.md and docs/; each python -m sourcewise COMMAND has --help."

test: .venv/ready .venv/docs
	ruff check .
	ruff format --check .
	python -m pytest -n auto --dist loadfile --no-loadscope-reorder

# docs/ as a site that needs no server and no network; -W: a dead link or anchor is an error
docs: .venv/ready .venv/docs
	python -m sphinx -q -W -n -b html -d .cache/docs docs site
	@echo "The pages: site/index.html"

# a page on this machine to drop a sound on: what each trained classifier predicts for it
app: .venv/ready
	python -m sourcewise app

# what differs from another commit, in Markdown: make review BASE=origin/main
review: .venv/ready
	@python -m sourcewise review "$${BASE:-main}"

# 10,000 damaged dataset files, parameters, lists, archives and recordings, others each time; minutes
fuzz: .venv/ready
	FUZZ=10000 python -m pytest -n 0 tests/robustness/test_fuzz.py

# every classifier on every task; bad files, runs that are killed, full disks, much of everything; an hour or two, as
# root, or full disks are left out
torture: .venv/ready
	EVERY_TASK=1 python -m pytest -n 0 tests/models/classifiers/test_every_classifier.py -k learns
	python -m tests.robustness

# matplotlib and pillow draw what ours is compared with; nothing else uses them
bench: .venv/ready
	python -m pip install --quiet matplotlib==3.11.2 pillow==13.0.0
	python -m benchmarks
	python -m benchmarks.duplicates
	python -m benchmarks.cover
	python -m benchmarks.choice
	python -m benchmarks.families
	python -m benchmarks.power
	python -m benchmarks.scale
	python -m benchmarks.report
	python -m benchmarks.loop

# the README's pictures and figures, of what the last run left
pictures: .venv/ready
	python -m tests.pictures
	python -m tests.committed

requirements: .venv/ready
	pip install --quiet uv
	uv pip compile --quiet --universal --python-version 3.11 --no-header --no-emit-index-url requirements.in -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url docs/requirements.in -o docs/requirements.txt

.venv/ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	 { echo "sourcewise: needs Python 3.11 to 3.13, $(PYTHON) is $$($(PYTHON) --version): make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	python -m pip install --quiet --requirement requirements.txt
	@touch .venv/ready

.venv/docs: docs/requirements.txt | .venv/ready
	python -m pip install --quiet --requirement docs/requirements.txt
	@touch .venv/docs
