"""The browser of other tests: it must notice the faults whose absence they assert."""

import pytest

from tests import browser

PAGE = "<!doctype html><html lang=en><title>t</title><main><h1>t</h1>{}</main>"


@pytest.fixture
def show(tab, tmp_path):
    """A function that opens a page with these elements, and gives the Tab."""

    def open_(body):
        (tmp_path / "page.html").write_text(PAGE.format(body))
        tab.page.goto((tmp_path / "page.html").as_uri())
        return tab

    return open_


def test_a_faultless_page(show, tmp_path):
    tab = show("<p>text</p>")
    assert tab.errors == [] and browser.serious(tab.page) == []
    assert tab.requests == [(tmp_path / "page.html").as_uri()]


def test_errors_and_requests_are_noticed(show):
    wrong = "console.error('logged'); setTimeout(() => { throw Error('thrown') })"
    tab = show(f"<script>{wrong}</script><img src=x.png alt=x>")
    tab.page.wait_for_timeout(100)
    assert [word for word in ("logged", "thrown") if any(word in error for error in tab.errors)] == ["logged", "thrown"]
    assert tab.requests[1].endswith("/x.png")


def test_accessibility_violations_are_noticed(show):
    faults = browser.serious(show("<button></button><p style='color: #bbb; background: #fff'>text</p>").page)
    assert [fault.split(":")[0] for fault in faults] == ["button-name", "color-contrast"]


def test_without_chromium_ci_fails_and_others_skip(monkeypatch):
    monkeypatch.setattr(browser, "NAMES", ("no-such-browser",))
    monkeypatch.delenv("CI_BROWSER", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install chromium"):
        browser.executable()
    monkeypatch.setenv("CI_BROWSER", "1")
    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"):
        browser.executable()
