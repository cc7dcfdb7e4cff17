"""The review of a branch, and the workflow that posts it."""

import re
import subprocess
import sys

import pytest

from sourcewise.core.params import parsed
from sourcewise.storage.files import write_json
from tests.conftest import REPOSITORY

PIPELINE = """
stages:
  compare:
    cmd: "true"
    params: [classifiers]
    metrics:
      - metrics/summary.json:
          cache: false
"""
WORKFLOW = (REPOSITORY / ".github/workflows/review.yml").read_text(encoding="utf-8")
JOBS = parsed(WORKFLOW)["jobs"]
STEPS = [step for job in JOBS.values() for step in job["steps"]]
RUN = [step["run"] for step in STEPS if "run" in step]
COMMENT = """\
## Compared with `main`

Findings of the audit:

    gap: with a random split svm would gain 0.16 in accuracy, at least 0.02.
    mislabels: 3 recordings of class <script>alert(1)</script>  ![x](http://x) @all ```

2 changed scores:

| model      |    validation |          test |        95 % CI | change |
|------------|--------------:|--------------:|---------------:|-------:|
| gap of svm |             - | 0.163 → 0.170 |              - | +0.007 |
| svm        | 0.950 → 0.900 | 0.917 → 0.758 | 0.424 to 0.953 | -0.158 |

1 changed parameter:

| parameter         | base | branch |
|-------------------|-----:|-------:|
| classifiers.svm.C |   10 |   0.01 |
"""


def _git(*arguments):
    subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=e", *arguments], check=True, capture_output=True)


def scores(accuracy, low=0.1, high=0.99, validation=0.95):
    """Those of one classifier in metrics/summary.json."""
    return {"accuracy": accuracy, "low": low, "high": high, "f1": accuracy, "validation": validation}


def _commit(summary, findings, c):
    with open("params.yaml", "w", encoding="utf-8") as file:
        file.write(f"classifiers: {{svm: {{C: {c}}}}}\n")
    write_json("metrics/summary.json", summary)
    write_json("metrics/audit.json", {"findings": findings})
    _git("add", ".")
    _git("commit", "-qm", "m")


@pytest.fixture
def repository(in_tmp):
    """One commit of a repository, on the branch main; another branch is checked out."""
    _git("init", "-qb", "main")
    subprocess.run([sys.executable, "-m", "dvc", "init", "-q"], check=True)
    (in_tmp / "dvc.yaml").write_text(PIPELINE)
    _commit({"gap": {"svm": 0.163}, "svm": scores(0.9167), "logreg": scores(0.7)}, [], 10)
    _git("checkout", "-qb", "branch")
    return in_tmp


def review(*arguments):
    command = [sys.executable, "-m", "sourcewise", "review", *arguments]
    return subprocess.run(
        command, env={"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True
    )


def test_changes_and_findings_are_in_one_comment(repository):
    findings = [
        {"category": "gap", "text": "with a random split svm would gain 0.16 in accuracy, at least 0.02."},
        {"category": "mislabels", "text": "3 recordings of class <script>alert(1)</script>\n\n![x](http://x) @all ```"},
    ]
    svm = scores(0.7583, 0.4242, 0.9529, 0.9)
    _commit({"gap": {"svm": 0.17}, "svm": svm, "logreg": scores(0.7)}, findings, 0.01)
    done = review()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == COMMENT


def test_no_change_is_reported_and_a_change_of_30_classifiers_fits_a_screen(repository):
    assert review("main").stdout.endswith("No findings of the audit.\n\nNo changed score.\n\nNo changed parameter.\n")
    many = {f"lstm_gan_fcn_{k}": scores(k / 100) for k in range(30)}
    _commit(many | {"gap": {"svm": 0.2}}, [], 10)
    lines = review("main").stdout.splitlines()
    assert "33 changed scores:" in lines  # with those of two removed classifiers
    assert len(lines) <= 45 and max(map(len, lines)) <= 80


def test_five_findings_are_shown_and_the_others_counted(repository):
    findings = [{"category": "shortcut", "text": f"S {k}.", "worth": 1 / (k + 1)} for k in range(7)]
    _commit({"svm": scores(0.9)}, findings, 10)
    text = review("main").stdout
    assert "    shortcut: S 4.\n    2 findings worth less: see metrics/audit.json\n" in text and "S 5" not in text


def test_a_long_table_is_folded_and_cut(repository):
    _commit({f"c{k:03}": scores(k / 1000) for k in range(300)}, [], 10)
    text = review("main").stdout
    assert "<details><summary>303 changed scores</summary>" in text and "\nand 53 more\n" in text
    assert text.count("\n| c") == 250 and len(text) < 65_536


@pytest.mark.parametrize("base", ["gone", "main..branch"])
def test_an_unknown_commit_is_named(repository, base):
    done = review(base)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stderr.strip() == (
        f"sourcewise: review: git knows no commit {base!r}: fetch it, or name another: make review BASE=origin/main"
    )


def test_a_repository_that_never_ran_says_what_to_do(repository):
    (repository / "metrics/audit.json").unlink()
    assert (
        review().stderr.strip()
        == "sourcewise: review: metrics/audit.json does not exist: run make repro, which writes it"
    )


def test_the_scripts_of_the_workflow_are_bash_and_its_targets_exist():
    rules = re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(), re.M)
    called = {target for script in RUN for target in re.findall(r"\bmake(?: --silent)? ([a-z]+)", script)}
    assert called == {"test", "repro", "review"} and called <= set(rules)
    for script in RUN:
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def test_nothing_that_a_pull_request_names_is_put_into_a_script():
    assert len(RUN) == 5 and not [script for script in RUN if "${{" in script]


def test_the_code_of_a_pull_request_runs_where_nothing_can_be_written():
    assert parsed(WORKFLOW)["on"] == "pull_request" and parsed(WORKFLOW)["permissions"] == {}
    assert JOBS["run"]["permissions"] == {"contents": "read"} and "secrets." not in WORKFLOW
    assert JOBS["comment"]["permissions"] == {"pull-requests": "write"}
    commented = [step.get("uses", "").split("@")[0] or step["run"].split()[0] for step in JOBS["comment"]["steps"]]
    assert commented == ["actions/download-artifact", "printf"]
    assert JOBS["run"]["steps"][0]["with"] == {"fetch-depth": 0, "persist-credentials": False}


def test_actions_are_pinned():
    used = re.findall(r"uses: (.*)", WORKFLOW)
    assert len(used) == 6
    assert not [line for line in used if not re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", line)]
