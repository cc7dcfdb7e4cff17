"""DVC stage `audit`: whether the number is real: what a leak would be worth, what tells the label without listening,
which labels look wrong, what the split holds."""

from sourcewise.audits.audit import AuditParams, audit
from sourcewise.core import messages, params
from sourcewise.core.command import run
from sourcewise.core.paths import AUDIT
from sourcewise.storage.files import write_json


def main():
    """All checks, and a line a finding."""
    results = audit(params.load(AuditParams, "audit"))
    write_json(AUDIT, results)
    for finding in results["findings"]:
        messages.info(f"{finding['category']}: {finding['text']}")
    if not results["findings"]:
        messages.info("no finding")


if __name__ == "__main__":
    run(main)
