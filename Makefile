# make repro: the whole pipeline on the dataset that params.yaml names. make test: the tests. Both set up .venv first.
PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# an active environment or PYTHONPATH of the user's must not leak into the run
unexport PYTHONPATH PYTHONHOME

.PHONY: repro test app review fuzz torture bench pictures requirements

repro: .venv/ready
	dvc repro
	@echo
	@cat metrics/comparison.md
	@echo "The report:     metrics/report/index.html"
	@echo "The table:      metrics/comparison.md    each score: metrics/classifiers/    for review: metrics/summary.json, scores.json"
	@echo "The models:     models/classifiers/<name>/  probabilities of each test clip: data/predictions/<classifier>/probabilities.csv"
	@echo "The recordings: data/raw/                which clip went where: data/split.csv    rejected: data/rejected.csv"
	@echo "Next:           source .venv/bin/activate, then dvc plots show, or dvc exp run -S classifiers.svm.C=1"
	@echo
	@python -c "import json; print(*json.load(open('metrics/verdict.json')).get('sentences', []), sep='\\n')"

test: .venv/ready
	ruff check .
	ruff format --check .
	python -m pytest -n auto --dist loadfile --no-loadscope-reorder

# a page on this machine to drop a sound on: what each trained classifier says of it
app: .venv/ready
	python -m sourcewise app

# what differs from another commit, in Markdown: make review BASE=origin/main
review: .venv/ready
	@python -m sourcewise review "$${BASE:-main}"

# 10,000 damaged dataset files, parameters, lists, archives and recordings, others each time; minutes
fuzz: .venv/ready
	FUZZ=10000 python -m pytest -n 0 tests/robustness/test_fuzz.py

# bad files, runs that are killed, full disks, much of everything; an hour or two, as root, or full disks are left out
torture: .venv/ready
	python -m tests.robustness

# matplotlib and pillow draw what ours is compared with; nothing else uses them
bench: .venv/ready
	python -m pip install --quiet matplotlib==3.11.2 pillow==13.0.0
	python -m benchmarks
	python -m benchmarks.duplicates
	python -m benchmarks.cover
	python -m benchmarks.choice
	python -m benchmarks.power
	python -m benchmarks.scale
	python -m benchmarks.report
	python -m benchmarks.loop

# the README's pictures, of what the last run left
pictures: .venv/ready
	python -m tests.pictures

requirements: .venv/ready
	pip install --quiet uv
	uv pip compile --quiet --universal --python-version 3.11 --no-header --no-emit-index-url requirements.in -o requirements.txt

.venv/ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	 { echo "sourcewise: needs Python 3.11 to 3.13, $(PYTHON) is $$($(PYTHON) --version): make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	python -m pip install --quiet --requirement requirements.txt
	@touch .venv/ready
