"""The studio as a user starts it, and its page in a browser that nobody sees: for benchmarks that drive it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

SIZE: "ViewportSize" = {"width": 1280, "height": 720}
"""Of the window, px."""
_OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@contextmanager
def studio(*arguments: str | Path, **environment: str) -> Iterator[str]:
    """`cubiseg studio` with these arguments, until the block ends: the page's address."""
    command = [sys.executable, "-m", "cubiseg", "studio", *map(str, arguments), "--no-browser"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})
    try:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait()


@contextmanager
def chromium() -> "Iterator[Browser]":
    """Chromium, by whatever name it is installed.

    Raises:
        click.ClickException: it is not.
    """
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        raise click.ClickException("Chromium is not installed; install it (Debian: apt install chromium)")
    with sync_playwright() as run:
        browser = run.chromium.launch(executable_path=path, args=_OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


def until(true: Callable[[], object], seconds: float = 300, *, needed: bool = True) -> bool:
    """Wait for something, from outside the page, whose own policy forbids Playwright's waiting; whether it came.

    Raises:
        click.ClickException: it is needed and did not come.
    """
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            if needed:
                raise click.ClickException("the page was not ready in time")
            return False
        time.sleep(0.02)
    return True


def settled(page: "Page") -> None:
    """Wait until all that was done is on the disk."""
    until(lambda: page.evaluate("studio.actions.waiting === 0 && studio.actions.computing === 0"))
