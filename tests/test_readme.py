"""Every command of the README and of docs/ is run, in order, on the tiny corpus; what they show is what the pipeline
made."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys

import pandas as pd
import pytest

from sourcewise.core.params import read_yaml
from tests import committed
from tests.clones import DATASET_FILE, clone, commit, dvc, environment, git, tiny_corpus
from tests.conftest import REPOSITORY, change_params

README = committed.README.read_text(encoding="utf-8")
DOCS = {path.name: path.read_text(encoding="utf-8") for path in sorted((REPOSITORY / "docs").glob("*.md"))}
RUN_BY_CI = {"make test"}
SMALLER = {"=0.1,1,10": "=0.1,10"}
#: Of the tiny corpus, in place of the five of ESC-10.
FOLDS = "split: {pattern: '/([a-z]{3})', table: {ann: '1', bea: '1', cid: '2', dan: '2', eve: '3', fay: '3'}}\n"


def blocks(text, language):
    """The blocks of code of this language in a page."""
    return re.findall(rf"^ *```{language}\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)


#: Each once, where it comes first.
COMMANDS = dict.fromkeys(
    line.strip() for page in (README, *DOCS.values()) for block in blocks(page, "bash") for line in block.splitlines()
)


def free_port():
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.mark.skipif(os.name == "nt", reason="needs make and bash")
def test_the_commands_run_in_order(tmp_path, request):
    folder = clone(tmp_path / "sourcewise", DATASET_FILE.format("recordings"))
    few = {"generators": {}, "embeddings": {}, "denoisers": {"none": {"model": "none"}}}
    content = read_yaml(folder / "params.yaml")
    few |= {"classifiers": {name: content["classifiers"][name] for name in ("svm", "logreg")}}
    few |= {"features": {name: content["features"][name] for name in ("table", "mfcc", "png")}}
    change_params(folder, few)  # no command is about the others; tests/test_pipeline.py has them
    (folder / "data/datasets/esc10.yaml").write_text(DATASET_FILE.format("recordings") + FOLDS)
    commit(folder, "smaller")
    tiny_corpus(tmp_path / "recordings")
    shutil.copytree(tmp_path / "recordings", folder / "data/raw/birds")  # what is alike is computed once
    shutil.copy(next((tmp_path / "recordings").rglob("*.wav")), folder / "kettle.wav")
    (folder / ".git/info/exclude").write_text(".venv\nkettle.wav\nlabels.csv\n")
    rows = [
        {"path": path.relative_to(folder).as_posix(), "label": path.parent.name, "source": path.stem[:-2]}
        for path in sorted((folder / "data/raw/birds").rglob("*.*"))
    ]
    pd.DataFrame(rows).to_csv(folder / "labels.csv", index=False)
    (folder / ".venv").symlink_to(sys.prefix)  # the packages of this run, instead of another two gigabytes
    (folder / ".venv/ready").touch()
    env = environment(VIRTUAL_ENV=sys.prefix)
    servers, port = [], free_port()
    request.addfinalizer(lambda: [os.killpg(server.pid, signal.SIGKILL) for server in servers])
    for command in COMMANDS:
        if not command or command in RUN_BY_CI:
            continue
        for shown, here in SMALLER.items():
            command = command.replace(shown, here)
        command = command.replace("head:8786", f"127.0.0.1:{port}")
        if re.search(r"\bdask (scheduler|worker)", command):
            command += " --host 127.0.0.1 --no-dashboard" + f" --port {port}" * ("scheduler" in command)
            server = {"cwd": folder, "env": env, "start_new_session": True, "stderr": subprocess.DEVNULL}
            servers.append(subprocess.Popen(["bash", "-c", command], **server))
            continue
        if command == "make app":
            command = "exec python -m sourcewise app --port 0"  # what it does, on a port that is free
            server = {"cwd": folder, "env": env, "start_new_session": True, "stdout": subprocess.PIPE, "text": True}
            servers.append(subprocess.Popen(["bash", "-c", command], **server))
            assert "classifiers at http://127.0.0.1:" in servers[-1].stdout.readline()
            continue
        before = git("status", "--porcelain", cwd=folder)
        done = subprocess.run(["bash", "-c", command], cwd=folder, env=env, capture_output=True, text=True)
        printed = done.stdout + done.stderr
        assert done.returncode == 0, f"{command}\n{printed}"
        assert "Traceback" not in printed, f"{command}\n{printed}"
        if command == "make repro":
            assert "metrics/report/index.html" in printed and "The score to report is accuracy" in printed
            assert done.stdout.splitlines()[-4].startswith("Next:")
            commit(folder, "first run")
        if command == "dvc checkout":
            assert not git("status", "--porcelain", cwd=folder) and "Data and pipelines are up to date" in dvc(
                folder, "status"
            )
        if command == "dvc exp run -S dataset=birds":
            commit(folder, "birds")  # a queue runs what is committed
        if "--queue" in command or "--run-all" in command:  # where the data of a copy lies elsewhere
            assert git("status", "--porcelain", cwd=folder) == before, command
        if "--run-all" in command:
            shown = dvc(folder, "exp", "show", "--csv", "--no-pager")
            assert "Failed" not in shown and shown.count("Success") == 2  # the queue


def test_the_figures_are_those_of_the_committed_run():
    assert committed.parts(README)[1] == committed.block(), "README.md: run python -m tests.committed"


def test_a_later_version_is_merged_and_own_results_stay(tmp_path):
    original, own = tmp_path / "original", tmp_path / "own"
    results = {"dvc.lock": "stages:\n  svm: {}\n", "metrics/summary.json": "{}\n", "params.yaml": "dataset: voices\n"}

    def store(folder, files):
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        commit(folder, "files")

    original.mkdir()
    git("init", "--quiet", "--initial-branch", "main", cwd=original)
    store(original, results)
    git("clone", "--quiet", str(original), str(own), cwd=tmp_path)
    mine = {"dvc.lock": "stages:\n  mine: {}\n", "metrics/summary.json": '{"mine": 1}\n'}
    store(own, mine | {"params.yaml": "dataset: birds\n"})
    store(original, {"dvc.lock": "stages:\n  a: {}\n", "metrics/summary.json": '{"a": 2}\n', "new.py": "NEW = 1\n"})
    start, update = blocks(README, "sh")
    for command in [*start.replace("ADDRESS", "/nowhere").splitlines(), *update.splitlines()]:
        done = subprocess.run(["bash", "-c", command], cwd=own, env=environment(), capture_output=True, text=True)
        assert done.returncode == 0 or "--no-commit" in command, done.stderr  # it stops at the conflicts
    assert not git("status", "--porcelain", cwd=own)
    assert all((own / name).read_text() == text for name, text in mine.items())
    assert (own / "params.yaml").read_text() == "dataset: birds\n" and (own / "new.py").is_file()


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *(f"docs/{name}" for name in DOCS)])
def test_the_paths_exist(name):
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    for path in re.findall(r"`((?:data/datasets|stages|tests|sourcewise|benchmarks|dvc|params)/?[\w/.]*)`", text):
        assert (REPOSITORY / path.rstrip("/")).exists() or name == "docs/adding.md" or "birds" in path, path
