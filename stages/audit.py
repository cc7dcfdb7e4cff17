"""DVC stage `audit`: the split, duplicates, the leakage gap, shortcuts and label errors of the whole dataset."""

from sourcewise.audits.audit import AuditParams, audit
from sourcewise.core import messages, params
from sourcewise.core.command import run
from sourcewise.core.paths import AUDIT
from sourcewise.storage.files import write_json


def main():
    """Run all checks and print one line per finding."""
    results = audit(params.load(AuditParams, "audit"))
    write_json(AUDIT, results)
    for finding in results["findings"]:
        messages.info(f"{finding['category']}: {finding['text']}")
    if not results["findings"]:
        messages.info("no findings")


if __name__ == "__main__":
    run(main)
