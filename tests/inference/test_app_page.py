"""app: its page in a browser, with real recordings and a server as `make app` starts it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from sourcewise.storage.files import read_json, write_json
from stages import augment, extract, train
from tests.browser import opened, serious
from tests.conftest import REPOSITORY, write_wav

HOSTILE = "<script>alert('heard')</script>"


@pytest.fixture
def models(small):
    """Two classifiers of segments, with a hostile class name, and one that cannot run."""
    folder = small(audio__segment_s=0.25, augment__recipes__varied__copies=0)
    augment.main()
    for features, name in (("mfcc", "svm"), ("png", "logreg_png")):
        extract.main(features)
        train.main(name)
        labels = folder / f"models/classifiers/{name}/labels.json"
        write_json(labels, read_json(labels) | {"classes": [HOSTILE, "low"]})
    write_json("models/classifiers/yamnet/not_run.json", {"reason": "no weights"})
    (folder / "models/classifiers/yamnet/fingerprint.txt").write_text("0\n")
    return folder


@contextmanager
def served(folder):
    """The server's address; it is ended as by Ctrl-C, while a sound still comes in, and says so in one line."""
    (folder / "stored").mkdir()
    own = {"PYTHONPATH": str(REPOSITORY), "TMPDIR": str(folder / "stored")}
    command = [sys.executable, "-m", "sourcewise", "app", "--port", "0"]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    server = subprocess.Popen(command, cwd=folder, env=os.environ | own, **options)
    try:
        line = server.stdout.readline()
        port = re.fullmatch(r"app: 3 classifiers at http://127\.0\.0\.1:(\d+)/ until Ctrl-C\n", line)[1]
        yield f"http://127.0.0.1:{port}/"
        with socket.create_connection(("127.0.0.1", int(port))) as slow:
            slow.sendall(b"POST /ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nnot yet")
            time.sleep(0.2)
            server.send_signal(signal.SIGINT)
            output = server.communicate(timeout=30)
        assert output == ("\napp: ended\n", "")
        assert server.returncode == 0
        assert list((folder / "stored").iterdir()) == []
    finally:
        server.kill()


def test_all_classifiers_predict_a_real_recording(models, fsdd, chromium, tmp_path):
    (tmp_path / "broken.wav").write_text("no sound")
    with served(models) as url, opened(chromium, permissions=["microphone"]) as tab:
        page = tab.page
        page.goto(url)
        page.get_by_label("Choose a file").set_input_files(fsdd / "3_theo_0.wav")
        expect(page.get_by_role("status")).to_contain_text("Done: 2 of 3 classifiers predicted")
        assert page.locator("#spectrogram").evaluate("img => [img.naturalWidth, img.naturalHeight]") == [1024, 128]
        answers = page.locator("#answers > li")
        expect(answers).to_have_count(3)
        for k in (0, 1):
            numbers = [float(text) for text in answers.nth(k).locator("dd.number").all_inner_texts()]
            assert len(numbers) == 2 and sum(numbers) == pytest.approx(1, abs=0.0011)
            assert HOSTILE in answers.nth(k).locator("dt").all_inner_texts()
        assert answers.nth(2).locator("p").inner_text() == "Not run: yamnet was not trained: no weights"
        assert serious(page) == []
        digits = [soundfile.read(fsdd / f"{digit}_jackson_0.wav")[0] for digit in range(4)]
        write_wav(tmp_path / "digits.wav", np.concatenate(digits), 8000)
        follows(page, tmp_path / "digits.wav")
        page.get_by_label("Choose a file").set_input_files(tmp_path / "broken.wav")
        expect(page.get_by_role("alert")).to_contain_text("broken.wav cannot be decoded: ")
        refused = [error for error in tab.errors if "422" in error]
        assert tab.errors == refused and len(refused) == 1  # the browser's own line for the answer 422
        records(page)
        assert tab.errors == refused
        assert {request for request in tab.requests if not request.startswith((url, f"blob:{url}", "data:"))} == set()


def follows(page, recording):
    """Of a sound of several segments, the player starts where a timeline is clicked, or at a chosen stretch."""
    page.get_by_label("Choose a file").set_input_files(recording)
    expect(page.locator("#name")).to_have_text(recording.name)
    expect(page.get_by_role("status")).to_contain_text("Done: 2 of 3")
    assert serious(page) == []
    time = "player => [player.paused, player.currentTime / player.duration]"
    page.locator(".when").first.click()  # in the middle
    page.wait_for_timeout(100)
    paused, at = page.locator("#player").evaluate(time)
    assert not paused and 0.49 < at < 0.9
    page.locator("summary").first.press("Enter")
    page.locator("details button").first.press("Enter")
    paused, at = page.locator("#player").evaluate(time)
    assert not paused and at < 0.3


def records(page):
    """Chromium's microphone of tests beeps."""
    page.get_by_role("button", name="Record").press("Enter")
    page.wait_for_timeout(2500)  # the false microphone beeps now and then
    page.get_by_role("button", name="Stop").press("Enter")
    expect(page.locator("#name")).to_have_text("recording.wav")
    expect(page.get_by_role("status")).to_contain_text("Done: 2 of 3 classifiers predicted")
