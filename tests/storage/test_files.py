import time

import numpy as np
import pytest

from sourcewise.storage import files
from sourcewise.storage.files import Ragged, write_json, write_zip, writer


def _store(folder, clips, width=(2,)):
    with writer(folder, np.float32, width) as append:
        for clip in clips:
            append(clip)
    return Ragged.open(folder)


def test_clips_of_differing_length_come_back(tmp_path):
    clips = [np.full((n, 2), n, np.float32) for n in (3, 1, 0, 5)]
    stored = _store(tmp_path, clips)
    assert len(stored) == 4
    assert [clip.tolist() for clip in stored] == [clip.tolist() for clip in clips]
    assert [len(clip) for clip in stored.take(np.array([3, 0]))] == [5, 3]


def test_other_pieces_of_the_same_values(tmp_path):
    stored = _store(tmp_path, [np.arange(5), np.arange(5, 8)], ())
    pieces = stored.between(np.array([0, 2, 6]), np.array([4, 6, 8]))
    assert [piece.tolist() for piece in pieces] == [[0, 1, 2, 3], [2, 3, 4, 5], [6, 7]]
    assert np.shares_memory(pieces[0], pieces[1])


def test_what_numpy_reads_is_the_whole(tmp_path):
    _store(tmp_path, [np.ones((3, 2), np.float32), np.zeros((2, 2), np.float32)])
    assert np.load(tmp_path / "values.npy").tolist() == [[1, 1]] * 3 + [[0, 0]] * 2
    assert np.load(tmp_path / "offsets.npy").tolist() == [0, 3, 5]


def test_clips_are_views_that_cannot_be_written(tmp_path):
    with pytest.raises(ValueError, match="read-only"):
        _store(tmp_path, [np.ones((3, 2), np.float32)])[0][0] = 7


def test_a_clip_of_another_width_is_refused(tmp_path):
    with pytest.raises(ValueError, match="does not fit"), writer(tmp_path, np.float32, (2,)) as append:
        append(np.ones((3, 4)))


def test_zips_hold_no_time(tmp_path):
    members = {"b": b"2", "a": b"1"}
    write_zip(tmp_path / "1.zip", members)
    time.sleep(2.1)  # zip times have a step of two seconds
    write_zip(tmp_path / "2.zip", dict(sorted(members.items())))
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()


def test_json_holds_no_nan(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "x.json", {"accuracy": float("nan")})


def test_a_digest_tells_of_each_file_its_name_and_its_content(tmp_path):
    def digest():
        files.write_digest(tmp_path / "x")
        return files.digest_of(tmp_path / "x")

    file = tmp_path / "x/shards/a"
    file.parent.mkdir(parents=True)
    file.write_text("one")
    first = digest()
    assert digest() == first and len(first) == 64
    file.write_text("two")
    second = digest()
    file.rename(file.with_name("b"))
    third = digest()
    (tmp_path / "x/c").write_text("")
    assert len({first, second, third, digest()}) == 4
    (tmp_path / "x/c").unlink()
    file.with_name("b").rename(file)
    file.write_text("one")
    assert digest() == first
    files.write_digest(tmp_path / "x", {file: files.sha256(file)})
    assert files.digest_of(tmp_path / "x") == first
