"""DVC stage `gate`: a failed run where the audit found what audit.fail_on names; the last of all, for CI."""

from sourcewise.core import params
from sourcewise.core.command import run
from sourcewise.core.errors import Stop
from sourcewise.core.paths import AUDIT, PASSED
from sourcewise.storage.files import read_json, write_text


def main():
    """Stop with one line a finding; else write how many findings there are of each kind."""
    fail_on = params.load(list[str], "audit.fail_on")
    findings = read_json(AUDIT)["findings"]
    fatal = [finding for finding in findings if finding["category"] in fail_on]
    if fatal:
        lines = [f"{finding['category']}: {finding['text']}" for finding in fatal]
        raise Stop("\n".join([f"the audit found what audit.fail_on ({', '.join(fail_on)}) names", *lines]))
    kinds = [finding["category"] for finding in findings]
    write_text(PASSED, "".join(f"{kind} {kinds.count(kind)}\n" for kind in dict.fromkeys(kinds)))


if __name__ == "__main__":
    run(main)
