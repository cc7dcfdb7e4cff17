"""python -m sourcewise weights."""

import re
import shutil

import pytest

from sourcewise.core.errors import Stop
from sourcewise.models import weights
from sourcewise.storage.archives import checksum
from sourcewise.storage.files import write_json
from tests.conftest import REPOSITORY, change_params


@pytest.fixture
def repository(in_tmp):
    """One entry's weights behind a URL, and one's nowhere."""
    shutil.copy(REPOSITORY / "params.yaml", in_tmp)
    (in_tmp / "there.h5").write_bytes(b"numbers")
    urls = {"yamnet": f"file://{in_tmp}/there.h5", "mobilenet_v2": "file:///nowhere/a.h5"}
    keys = {f"embeddings.{name}.weights.url": url for name, url in urls.items()}
    change_params(in_tmp, keys | {"embeddings.yamnet.weights.sha256": checksum(in_tmp / "there.h5")})
    return in_tmp


def test_what_is_missing_is_downloaded_and_a_copy_by_hand_is_found(repository, capsys):
    assert weights.main(None) == 1
    printed = capsys.readouterr().out
    assert re.search(rf"yamnet: \S+data/downloads/[0-9a-f]+-there.h5, sha256 {checksum('there.h5')}\n", printed)
    (path,) = re.findall(r"mobilenet_v2: missing: put a copy of file:///nowhere/a.h5 at (\S+), or set", printed)
    assert "then `dvc repro -fs embed@mobilenet_v2` and `dvc repro`" in printed
    shutil.copy("there.h5", path)
    write_json("data/features/mobilenet_v2/not_run.json", {"reason": "no weights"})
    assert weights.main(["mobilenet_v2"]) == 0
    printed = capsys.readouterr().out
    assert "set embeddings.mobilenet_v2.weights.sha256 to accept no other" in printed
    assert printed.endswith(f"sha256 {checksum(path)}: `dvc repro -fs embed@mobilenet_v2` and `dvc repro`\n")


def test_another_file_and_another_name_are_named(repository, capsys):
    change_params(repository, {"embeddings.yamnet.weights.sha256": "0" * 64})
    assert weights.main(["yamnet"]) == 1
    assert "yamnet: not usable: " in capsys.readouterr().out
    with pytest.raises(Stop, match=r"params.yaml has no embeddings.vggish, there are: mobilenet_v2, yamnet"):
        weights.main(["vggish"])
