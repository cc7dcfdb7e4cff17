"""A browser for tests of pages: headless Chromium, its errors and its requests.

conftest.py has the fixture `tab`:

    def test_page(tab):
        tab.page.goto(path.as_uri())
        ...
        assert tab.errors == [] and serious(tab.page) == []
        assert all(url.startswith("file:") for url in tab.requests)
"""

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 30_000  # of one step, on a machine with other work
expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Tab:
    """An open page, of playwright; errors on its console or raised; the address of every request."""

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def executable():
    """The path of Chromium; without it the test is skipped, or fails where CI_BROWSER is 1."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        (pytest.fail if os.environ.get("CI_BROWSER") == "1" else pytest.skip)("no chromium: apt-get install chromium")
    return path


@contextmanager
def chromium():
    """A running browser; sound plays without a gesture, and the microphone gives a test tone."""
    flags = ["--autoplay-policy=no-user-gesture-required", "--use-fake-device-for-media-stream"]
    root = hasattr(os, "geteuid") and os.geteuid() == 0  # root has no sandbox in Chromium
    path = executable()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags, chromium_sandbox=not root)
        yield browser
        browser.close()


@contextmanager
def opened(browser, **options):
    """A Tab with no page in it yet; options: of playwright's new_context, as viewport and color_scheme."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    tab = Tab(context.new_page())
    tab.page.on("console", lambda message: tab.errors.append(message.text) if message.type == "error" else None)
    tab.page.on("pageerror", lambda error: tab.errors.append(str(error)))
    context.on("request", lambda request: tab.requests.append(request.url))
    yield tab
    context.close()


def serious(page):
    """The accessibility violations on a page by axe-core: a line each, of the impact serious or critical."""
    violations = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {fault['help']}: {node['target']}"
        for fault in violations
        for node in fault["nodes"]
        if fault["impact"] in ("serious", "critical")
    ]
