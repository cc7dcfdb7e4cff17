"""What a text in a list means, and what a folder holds: literal answers."""

import os
import unicodedata

import pytest

from sourcewise.datasets import resolver

FILES = ["audio/a/x.wav", "audio/b/x.wav", "audio/b/Rex 1.WAV", "audio/é.flac", "top.wav", "audio/back\\slash.wav"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("audio/a/x.wav", ["audio/a/x.wav"]),
        ("./audio//a/x.wav", ["audio/a/x.wav"]),
        ("audio\\a\\x.wav", ["audio/a/x.wav"]),
        (".\\audio\\b\\Rex 1.WAV", ["audio/b/Rex 1.WAV"]),
        ("audio/back\\slash.wav", ["audio/back\\slash.wav"]),
        ("{root}/audio/a/x.wav", ["audio/a/x.wav"]),
        ("file://{root}/audio/a/x.wav", ["audio/a/x.wav"]),
        ("data/raw/own/audio/a/x.wav", ["audio/a/x.wav"]),
        ("/home/anna/set/audio/a/x.wav", ["audio/a/x.wav"]),
        ("D:\\set\\audio\\a\\x.wav", ["audio/a/x.wav"]),
        ("../audio/a/x.wav", ["audio/a/x.wav"]),
        ("a/x.wav", ["audio/a/x.wav"]),
        ("x.wav", ["audio/a/x.wav", "audio/b/x.wav"]),
        ("rex 1.wav", ["audio/b/Rex 1.WAV"]),
        ("b/Rex 1", ["audio/b/Rex 1.WAV"]),
        ("b/Rex 1.mp3", ["audio/b/Rex 1.WAV"]),
        (unicodedata.normalize("NFD", "é.flac"), ["audio/é.flac"]),
        ("  top.wav ", ["top.wav"]),
        ("c/x.wav", []),
        ("/home/anna/c/x.wav", []),
        ("../top.wav", ["top.wav"]),
        ("../../top.wav", []),
        ("ex 1.wav", []),
        ("", []),
    ],
)
def test_a_text_finds_its_file(tmp_path, text, found):
    paths = resolver.Paths(FILES, tmp_path, base="lists")
    assert paths.find(text.replace("{root}", str(tmp_path))) == found


def test_what_no_file_fits_stays_as_it_is_written(tmp_path):
    paths = resolver.Paths(FILES, tmp_path)
    assert [paths.one(text) for text in ("new/./y.wav", "x.wav", "..\\y.wav")] == ["new/y.wav", "x.wav", "../y.wav"]


def test_a_folder_is_listed_without_what_systems_leave_behind(tmp_path):
    names = ("a/1.WAV", "a/._1.wav", ".git/2.wav", "__MACOSX/a/._1.wav", "Thumbs.db", "notes.txt", ".../3.wav")
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    found = resolver.listing(tmp_path)
    assert (found.files, found.others) == ([".../3.wav", "a/1.WAV"], ["notes.txt"])
    assert found.hidden == [".git", "Thumbs.db", "__MACOSX", "a/._1.wav"]


def test_links_are_followed_inside_and_only_there(tmp_path):
    root, store = tmp_path / "own", tmp_path / "store"
    for folder in (root / "pool", store):
        folder.mkdir(parents=True)
        (folder / "1.wav").write_text("x")
    (root / "frog").symlink_to("pool")
    (root / "owl").symlink_to(store)
    (root / "frog/up").symlink_to("..")
    (root / "dead.wav").symlink_to("none.wav")
    (root / "out.wav").symlink_to(store / "1.wav")
    found = resolver.listing(root)
    assert found == (["dead.wav", "frog/1.wav", "out.wav"], ["frog/up", "pool/up"], [], ["owl"], ["pool/1.wav"])
    assert [resolver.fault(root, path) for path in found.files] == [
        "is a link to none.wav, which does not exist",
        None,
        "leads out of the dataset's folder",
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "is a pointer of Git LFS, not the file itself"),
        (b"/annex/objects/SHA256E-s1--0.wav\n", "is a pointer of git-annex, not the file itself"),
        (b"RIFF", None),
    ],
)
def test_a_pointer_is_named(tmp_path, content, reason):
    (tmp_path / "a.wav").write_bytes(content)
    fault = resolver.fault(tmp_path, "a.wav")
    assert fault is None if reason is None else fault.startswith(reason)
    assert resolver.fault(None, tmp_path / "b.wav") == "does not exist"


def test_names_that_no_file_has(tmp_path):
    assert resolver.fault(tmp_path, "a\0.wav") == "has a name that no file can have"
    assert resolver.fault(tmp_path, os.fsdecode(b"r\xe9.wav")) == "has a name that is not UTF-8"
