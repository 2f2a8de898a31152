"""A browser for the pages: the system's, since none is downloaded."""

import os
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
#: What `.ci/run` sets where it has found a browser, so that no test of a page is skipped there unseen.
REQUIRED = os.environ.get("ATTNSTATS_BROWSER") == "required"


@pytest.fixture(scope="session")
def browser():
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        _missing(f"none of {', '.join(NAMES)} is installed")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("playwright is not installed")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path)
        yield opened
        opened.close()


def _missing(reason):
    if REQUIRED:
        pytest.fail(f"ATTNSTATS_BROWSER=required, but {reason}")
    pytest.skip(reason)


@pytest.fixture
def open_page(browser):
    """Return what opens a file in a fresh window, and fails at the end if the page complained or asked the network."""
    contexts, complaints, requests = [], [], []

    def open_file(path, **options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri())
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert complaints == []
    assert [each for each in requests if not each.startswith(("file:", "data:"))] == []
