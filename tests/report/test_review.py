"""The review of a branch, and the workflow that posts it."""

import re
import subprocess
import sys

import pytest

from sourcewise.core.params import parsed
from sourcewise.storage.files import write_json, write_text
from tests.conftest import REPOSITORY

PIPELINE = """
stages:
  evaluate:
    cmd: "true"
    params: [classifiers]
    metrics:
      - metrics/summary.json:
          cache: false
      - metrics/scores.json:
          cache: false
"""
WORKFLOW = (REPOSITORY / ".github/workflows/review.yml").read_text(encoding="utf-8")
JOBS = parsed(WORKFLOW)["jobs"]
STEPS = [step for job in JOBS.values() for step in job["steps"]]
RUN = [step["run"] for step in STEPS if "run" in step]
COMMENT = """\
## Compared with `main`

    score to report: accuracy 0.917 → 0.758 (95 % CI 0.424 to 0.953), -0.158 (p = 0.031)
    chosen classifier: svm → logreg, accuracy 0.917 → 0.700 (95 % CI 0.100 to 0.990), -0.217
    worst source: ann <b>, accuracy 0.250 → 0.125 (no CI), -0.125
    leakage gap of svm: 0.163 → 0.170 (95 % CI 0.020 to 0.300), +0.007

Findings of the audit:

    gap: with a random split svm would gain 0.16 in accuracy, at least 0.02.
    mislabels: 3 recordings of class <script>alert(1)</script>  ![x](http://x) @all ```

1 changed score; p is paired by source and corrected for their number:

| classifier | validation log loss |    test score |        95 % CI | change |     p |
|------------|--------------------:|--------------:|---------------:|-------:|------:|
| svm        |       0.250 → 0.500 | 0.917 → 0.758 | 0.424 to 0.953 | -0.158 | 0.125 |

1 changed parameter:

| parameter         | base | branch |
|-------------------|-----:|-------:|
| classifiers.svm.C |   10 |   0.01 |
"""


def _git(*arguments):
    subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=e", *arguments], check=True, capture_output=True)


def scores(accuracy, low=0.1, high=0.99, log_loss=0.25):
    """Those of one classifier in metrics/scores.json."""
    return {"accuracy": accuracy, "f1": accuracy, "low": low, "high": high, "log_loss": log_loss}


def _ends(value, low=0.1, high=0.99):
    return {"value": value, "low": low, "high": high}


def summary(procedure=(0.9167,), chosen=("svm", 0.9167), gap=0.163, worst=("ann <b>", 0.25)):
    return {
        "procedure": {"accuracy": _ends(*procedure)},
        "chosen": {"classifier": chosen[0], "accuracy": _ends(chosen[1])},
        "gap": {"svm": _ends(gap, 0.02, 0.3)},
        "worst_source": {"source": worst[0], "accuracy": _ends(worst[1], None, None)},
    }


#: Of six test sources: the procedure is worse on all of them later, svm on four.
BEFORE = "source,recordings,procedure,svm,logreg\n" + "".join(f"{s},4,1.0,0.75,0.5\n" for s in "abcdef")
AFTER = BEFORE.replace(",1.0,", ",0.75,").replace("0.75,0.75,", "0.75,0.5,", 4)


def _commit(summary, scores, findings, c, sources=BEFORE):
    write_text("metrics/sources.csv", sources)
    with open("params.yaml", "w", encoding="utf-8") as file:
        file.write(f"classifiers: {{svm: {{C: {c}}}}}\n")
    write_json("metrics/summary.json", summary)
    write_json("metrics/scores.json", scores)
    gap = {"svm": {"gap": _ends(0.17, 0.02, 0.3)}}
    write_json("metrics/audit.json", {"findings": findings, "leakage": gap})
    _git("add", ".")
    _git("commit", "-qm", "m")


@pytest.fixture
def repository(in_tmp):
    """One commit of a repository, on the branch main; another branch is checked out."""
    _git("init", "-qb", "main")
    subprocess.run([sys.executable, "-m", "dvc", "init", "-q"], check=True)
    (in_tmp / "dvc.yaml").write_text(PIPELINE)
    _commit(summary(), {"svm": scores(0.9167), "logreg": scores(0.7)}, [], 10)
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
    svm, procedure = scores(0.7583, 0.4242, 0.9529, 0.5), (0.7583, 0.4242, 0.9529)
    new = summary(procedure, ("logreg", 0.7), 0.17, ("ann <b>", 0.125))
    _commit(new, {"svm": svm, "logreg": scores(0.7)}, findings, 0.01, AFTER)
    done = review()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == COMMENT


def test_a_change_is_corrected_for_the_number_of_classifiers(repository):
    both = AFTER.replace(",0.5\n", ",0.25\n")
    _commit(summary(), {"svm": scores(0.9), "logreg": scores(0.6)}, [], 10, both)
    text = review().stdout
    # of 64 choices of signs 2 are as far from 0 as logreg on six sources; of svm on four 8, by itself
    assert re.findall(r"^\| (\w+) .* (0\.\d+) \|$", text, re.M) == [("logreg", "0.031"), ("svm", "0.125")]
    fewer = "".join(both.splitlines(keepends=True)[:-1])
    _commit(summary(), {"svm": scores(0.8), "logreg": scores(0.6)}, [], 10, fewer)
    without = "2 changed scores; without p, as only one commit has their table or other recordings were tested:\n"
    assert without in review().stdout


def test_no_change_is_reported_with_the_state_and_never_as_nothing_beside_a_gap(repository):
    done = review("main")
    text = done.stdout
    assert "WARNING: 'main' is what is checked out: git switch to the branch" in done.stderr
    assert text.endswith("\n\nNo changed score.\n\nNo changed parameter.\n")
    assert "    score to report: accuracy 0.917 (95 % CI 0.100 to 0.990)\n" in text
    assert "    leakage gap of svm: 0.163 (95 % CI 0.020 to 0.300)\n" in text
    assert "\n    none beside the leakage gap: svm +0.170 (95 % CI +0.020 to +0.300)\n" in text


def test_a_change_of_30_classifiers_fits_a_screen(repository):
    _commit(summary(), {f"lstm_gan_fcn_{k}": scores(k / 100) for k in range(30)}, [], 10)
    lines = review("main").stdout.splitlines()
    assert "32 changed scores:" in lines  # with those of two removed classifiers
    assert len(lines) <= 50 and max(map(len, lines)) <= 90


def test_a_base_whose_summary_had_another_layout_is_left_out(repository):
    _git("checkout", "-q", "main")
    _commit({"gap": {"logreg": 0.1}, "svm": {"accuracy": 0.5}}, {}, [], 10)
    _git("checkout", "-q", "branch")
    text = review("main").stdout
    assert "    score to report: accuracy - → 0.917 (95 % CI 0.100 to 0.990)\n" in text
    assert "leakage gap of svm" in text and "leakage gap of logreg" not in text


def test_five_findings_are_shown_and_the_others_counted(repository):
    findings = [{"category": "shortcut", "text": f"S {k}.", "worth": 1 / (k + 1)} for k in range(7)]
    _commit(summary(), {"svm": scores(0.9)}, findings, 10)
    text = review("main").stdout
    assert "    shortcut: S 4.\n    2 findings worth less: see metrics/audit.json\n" in text and "S 5" not in text


def test_a_long_table_is_folded_and_cut(repository):
    _commit(summary(), {f"c{k:03}": scores(k / 1000) for k in range(300)}, [], 10)
    text = review("main").stdout
    assert "<details><summary>302 changed scores</summary>" in text and "\nand 52 more\n" in text
    assert text.count("\n| c") == 251 and len(text) < 65_536  # with the header


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
