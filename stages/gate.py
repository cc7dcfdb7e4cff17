"""DVC stage `verdict`: a failed run where the audit found what audit.fail_on names; the last of all, for CI."""

from pathlib import Path

from stages.core import params
from stages.core.command import run
from stages.core.stop import Stop
from stages.core.storage import read_json, write_text

AUDIT = Path("metrics/audit.json")
VERDICT = Path("data/verdict.txt")


def main():
    """Stop with one line a finding; else write how many findings there are of each kind."""
    fail_on = params.load(list[str], "audit.fail_on")
    findings = read_json(AUDIT)["findings"]
    fatal = [finding for finding in findings if finding["kind"] in fail_on]
    if fatal:
        lines = [f"{finding['kind']}: {finding['text']}" for finding in fatal]
        raise Stop("\n".join([f"verdict: the audit found what audit.fail_on ({', '.join(fail_on)}) names", *lines]))
    kinds = [finding["kind"] for finding in findings]
    write_text(VERDICT, "".join(f"{kind} {kinds.count(kind)}\n" for kind in dict.fromkeys(kinds)))


if __name__ == "__main__":
    run(main)
