import pytest

from sourcewise.core.errors import Stop
from sourcewise.storage.files import write_json
from stages import gate

FINDINGS = [
    {"category": "gap", "text": "A gap."},
    {"category": "shortcut", "text": "S 1."},
    {"category": "shortcut", "text": "S 2."},
]


def _gate(folder, fail_on):
    (folder / "params.yaml").write_text(f"audit: {{fail_on: {fail_on}}}\n")
    write_json("metrics/audit.json", {"findings": FINDINGS})
    gate.main()


def test_other_findings_do_not_fail_the_run(in_tmp):
    _gate(in_tmp, "[split, mislabels]")
    assert (in_tmp / "data/gate.json").read_text() == '{\n "gap": 1,\n "shortcut": 2\n}\n'


def test_findings_of_fail_on_fail_the_run_with_a_line_each(in_tmp):
    with pytest.raises(Stop) as stopped:
        _gate(in_tmp, "[shortcut]")
    assert stopped.value.code.strip().splitlines()[1:] == ["shortcut: S 1.", "shortcut: S 2."]
    assert not (in_tmp / "data/gate.json").exists()
