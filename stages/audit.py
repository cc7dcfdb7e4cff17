"""DVC stage `audit`: the split, duplicates, the leakage gap, shortcuts and label errors of the whole dataset."""

from sourcewise.audits import SHOWN
from sourcewise.audits.audit import AuditParams, audit
from sourcewise.core import messages, params
from sourcewise.core.command import run
from sourcewise.core.errors import count
from sourcewise.core.paths import AUDIT
from sourcewise.storage.files import write_json


def main():
    """Run all checks; print one line for each of the findings worth most, and for each check without an answer."""
    results = audit(params.load(AuditParams, "audit"))
    write_json(AUDIT, results)
    findings = results["findings"]
    for finding in findings[:SHOWN]:
        messages.info(f"{finding['category']}: {finding['text']}")
    if len(findings) > SHOWN:
        messages.info(f"{count(len(findings) - SHOWN, 'finding')} worth less: see {AUDIT}")
    for check, why in results.get("not_run", {}).items():
        messages.info(f"{check}: {why}")
    if not findings:
        messages.info("no findings")


if __name__ == "__main__":
    run(main)
