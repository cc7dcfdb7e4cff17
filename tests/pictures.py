"""The README's pictures of the report and of the page to try a model, after `dvc repro`: python -m tests.pictures"""

import re
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import command
from tests.browser import chromium, opened
from tests.conftest import REPOSITORY

DOCS = REPOSITORY / "docs"
SIZE = {"viewport": {"width": 1100, "height": 760}, "color_scheme": "light"}
SHOWN = {"report": "#summary", "classifier": "#model-cnn_png_2", "corpus": "#dataset"}


def main():
    """Open what the last run left, and keep what is seen."""
    report = (REPOSITORY / "metrics/report/index.html").as_uri()
    with chromium() as browser:
        for name, part in SHOWN.items():
            with opened(browser, **SIZE) as tab:
                tab.page.goto(report + part)
                tab.page.wait_for_timeout(3000)  # for what comes into view
                tab.page.screenshot(path=DOCS / f"{name}.png")
        _app(browser)


def _app(browser):
    server = subprocess.Popen(
        [sys.executable, "-m", "sourcewise", "app", "--port", "0"], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    try:
        address = re.search(r"http://\S+", server.stdout.readline())[0]
        sound = next(Path(REPOSITORY / "data/raw/voices").rglob("*.wav"))
        with opened(browser, **SIZE) as tab:
            tab.page.goto(address)
            tab.page.set_input_files("input[type=file]", sound)
            tab.page.wait_for_timeout(60_000)  # until each network has been loaded
            tab.page.screenshot(path=DOCS / "app.png")
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    command(main)
