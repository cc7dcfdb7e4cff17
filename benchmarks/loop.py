"""What a user waits for: python -m benchmarks.loop HEAD~1

The last commit of this checkout is cloned, installed and run, and before it each COMMIT that is named, one after the
other on this machine. Of each the table has the seconds from Enter to the prompt, and of what DVC did then, where they
went; behind them, how many times as long the first one took as this one. Wall time, medians of TURNS where a command
is quick. Needs the registry of packages and, for two commits, about an hour.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from sourcewise.core.markdown import markdown
from tests.conftest import REPOSITORY

TURNS = 3
#: Starts the clone's DVC as its command does, and adds up what its parts took; the last argument is a file for that.
TRACED = """
import atexit, json, sys, time
from pathlib import Path
import ruamel.yaml, dvc.stage.run
took = {}

def timed(owner, name, what):
    function = getattr(owner, name)
    def work(*arguments, **named):
        start = time.perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            took.setdefault(what(*arguments, **named), []).append(time.perf_counter() - start)
    setattr(owner, name, work)

def read(yaml, stream):
    if stream == Path("params.yaml").read_text():
        return "params.yaml parsed"
    return "dvc.lock read" if str(stream).startswith("schema:") else "other YAML"

def written(yaml, data, *rest, **named):
    return "dvc.lock written" if "schema" in data else "other YAML"

timed(ruamel.yaml.YAML, "load", read)
timed(ruamel.yaml.YAML, "dump", written)
timed(dvc.stage.run, "_run", lambda executable, command, **named: f"script {command}")
path = sys.argv.pop()
atexit.register(lambda: Path(path).write_text(json.dumps(took)))
from dvc.cli import main
sys.exit(main(sys.argv[1:]))
"""
PARTS = ("params.yaml parsed", "dvc.lock read", "dvc.lock written", "other YAML")
COMMANDS = {
    "`dvc repro`, nothing to do": [["repro"]] * TURNS,
    "`dvc exp run -S classifiers.svm.C=1`": [["exp", "run", "-S", f"classifiers.svm.C={c}"] for c in (1, 2, 3)],
    "`dvc repro -s -f train@svm`": [["repro", "-s", "-f", "train@svm"]] * TURNS,
}


def main(commits):
    """A column a commit, and the ratio of the first to the last."""
    with tempfile.TemporaryDirectory() as folder:
        each = [measured(Path(folder) / str(k), commit) for k, commit in enumerate([*commits, "HEAD"])]
    first, last = each[0], each[-1]
    rows = [
        [name, *(shown(one.get(name)) for one in each), ratio(first.get(name), last.get(name))]
        for name in dict.fromkeys(name for one in reversed(each) for name in one)
    ]
    print(markdown(["what", *commits, "here", "ratio"], rows))


def shown(value):
    """Seconds have a digit behind the point, counts none."""
    return "" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:.1f} s"


def ratio(first, last):
    """Of what both have; blank where there is too little to divide by."""
    return f"{first / last:.1f}" if first and last and last > 0.05 else ""


def measured(folder, commit):
    """{what: seconds or a count} of one commit; what a part of the command before it took begins with a dash."""
    git(REPOSITORY, "clone", "--quiet", str(REPOSITORY), str(folder))
    git(folder, "checkout", "--quiet", git(REPOSITORY, "rev-parse", commit).strip())
    tell(f"{commit}: installing")
    run(folder, "make", f"PYTHON={sys.executable}", ".venv/ready")
    tell(f"{commit}: make repro")
    found = {"`make repro` after installation": seconds(lambda: run(folder, "make", "repro"))}
    for name, turns in COMMANDS.items():
        tell(f"{commit}: {name}")
        took = [traced(folder, arguments) for arguments in turns]
        found |= split_up(name, {key: median(one.get(key, 0.0) for one in took) for key in took[0]})
        scripts = [key.removeprefix("script ") for key in took[0] if key.startswith("script ")]
        if scripts:
            found[f"- {name}: stages that ran"] = len(scripts)
            found[f"- {name}: of scripts, starting and imports"] = starts(folder, scripts)
    beyond = found["`dvc repro -s -f train@svm`"] - found["- `dvc repro -s -f train@svm`: scripts"]
    files = {path: (folder / path).read_text() for path in ("dvc.lock", "params.yaml")}
    return found | {
        "a stage's cost beyond its script": beyond,
        "lines of dvc.lock": files["dvc.lock"].count("\n"),
        "bytes of params.yaml": len(files["params.yaml"].encode()),
    }


def split_up(name, took):
    """The whole first, then the parts, then what is left: DVC itself."""
    scripts = sum(seconds for key, seconds in took.items() if key.startswith("script "))
    parts = {key: took.get(key, 0.0) for key in PARTS} | {"scripts": float(scripts)}
    parts["the rest of DVC"] = took["all"] - sum(parts.values())
    return {name: took["all"]} | {f"- {name}: {part}": seconds for part, seconds in parts.items()}


def traced(folder, arguments):
    """{part, or "script <command>": seconds} of a command of DVC, and "all", its start included."""
    path = folder / ".cache" / "traced.json"
    whole = seconds(lambda: run(folder, ".venv/bin/python", "-c", TRACED, *arguments, str(path)))
    return {part: sum(each) for part, each in json.loads(path.read_text()).items()} | {"all": whole}


def starts(folder, commands):
    """Seconds of the same scripts where nothing is asked of them but their help."""
    scripts = [command.split()[2] for command in commands]
    each = {s: seconds(lambda s=s: run(folder, ".venv/bin/python", "-m", s, "--help")) for s in set(scripts)}
    return sum(each[script] for script in scripts)


def run(folder, *command):
    """What it prints is of interest only where it fails."""
    path = f"{folder / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")} | {"PATH": path}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def git(folder, *arguments):
    """What it says."""
    return run(folder, "git", *arguments)


def seconds(work):
    """Wall time."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def tell(what):
    """How far it is."""
    print(f"loop: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.loop", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("commits", nargs="*", metavar="COMMIT", help="measured before this checkout's last commit")
    main(parser.parse_args().commits)
