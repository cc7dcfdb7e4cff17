"""DVC stage `gate`: fails the run for findings of the categories in audit.fail_on; the last stage, for CI."""

from sourcewise.core import params
from sourcewise.core.command import run
from sourcewise.core.errors import Stop, count
from sourcewise.core.paths import AUDIT, PASSED
from sourcewise.storage.files import read_json, write_json


def main():
    """Stop with one line per such finding; else write the number of findings of each category."""
    fail_on = params.load(list[str], "audit.fail_on")
    findings = read_json(AUDIT)["findings"]
    fatal = [finding for finding in findings if finding["category"] in fail_on]
    if fatal:
        lines = [f"{finding['category']}: {finding['text']}" for finding in fatal]
        title = (
            f"the audit has {count(len(fatal), 'finding')} of the categories in audit.fail_on ({', '.join(fail_on)}):"
        )
        raise Stop("\n".join([title, *lines]))
    categories = [finding["category"] for finding in findings]
    write_json(PASSED, {name: categories.count(name) for name in dict.fromkeys(categories)})


if __name__ == "__main__":
    run(main)
