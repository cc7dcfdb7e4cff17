"""Every command of the README is run, in order, on the tiny corpus; what it shows is what the pipeline made."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys

import pytest

from tests.clones import DATASET_FILE, clone, commit, dvc, environment, git, tiny_corpus
from tests.conftest import REPOSITORY, change_params

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.strip() for block in re.findall(r"```bash\n(.*?)```", README, re.DOTALL) for line in block.splitlines()
]
RUN_BY_CI = {"make test"}
SMALLER = {"=0.1,1,10": "=0.1,10", "=voices,genres,events": "=tiny,birds", "=20 ": "=3 "}


def free_port():
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.mark.skipif(os.name == "nt", reason="needs make and bash")
def test_the_commands_run_in_order(tmp_path, request):
    folder = clone(tmp_path / "sourcewise", DATASET_FILE.format("recordings"))
    change_params(
        folder, {"generators": {}, "embeddings": {}}
    )  # no command is about these; tests/test_pipeline.py has them
    commit(folder, "smaller")
    tiny_corpus(tmp_path / "recordings")
    shutil.copytree(tmp_path / "recordings", folder / "data/raw/birds")  # what is alike is computed once
    (folder / ".git/info/exclude").write_text(".venv\n")
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
            assert "| svm " in printed and "metrics/comparison.md" in printed
            commit(folder, "first run")
        if command == "dvc exp run -S dataset=birds":
            commit(folder, "birds")  # a queue runs what is committed
        if "--queue" in command or "--run-all" in command:  # where the data of a copy lies elsewhere
            assert git("status", "--porcelain", cwd=folder) == before, command
    shown = dvc(folder, "exp", "show", "--csv", "--no-pager")
    assert "Failed" not in shown and shown.count("Success") == 2 + 2  # the queues


def test_the_table_is_the_one_of_the_committed_run():
    shown = README[README.index("<!-- comparison -->") : README.index("<!-- /comparison -->")]
    summary, scores = (json.loads((REPOSITORY / f"metrics/{name}.json").read_text()) for name in ("summary", "scores"))
    for reference, gap in summary["gap"].items():
        value = re.escape(f"{gap['value']:+.3f}")
        assert re.search(rf"\| {reference} +\|.* {value} \|", shown)
    chosen, score = summary["chosen"]["classifier"], summary["procedure"]["accuracy"]
    assert f"{score['value']:.3f} (95 % CI {score['low']:.3f} to {score['high']:.3f})" in shown
    for name, of in scores.items():
        row = {"majority": "majority-class baseline", chosen: rf"{name} \(chosen.*\)"}.get(name, name)
        assert re.search(rf"\| {row} +\| +{of['log_loss']:.3f} \| +{of['accuracy']:.3f} \|", shown), name


def test_the_paths_exist():
    for path in re.findall(r"`((?:data/datasets|stages|dvc|params)[\w/.]*)`", README):
        assert (REPOSITORY / path.rstrip("/")).exists() or "birds" in path, path
