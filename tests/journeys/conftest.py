"""The demonstration, really started: `lineshaft demo` with its worker, and a browser to walk it.

Where several workers share the journeys, each has a demonstration of its own, so that none sees
what another one's journey has moved. One of them loads it; the others take a copy.
"""

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.tables import made_once

START_LIMIT_S = 600
STOP_LIMIT_S = 20
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")

COMMAND = (sys.executable, "-m", "lineshaft")

type SignIn = Callable[..., Page]
type Shell = Callable[[str], None]


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demonstration of the journeys keeps its database and files."""
    return tmp_path_factory.mktemp("demonstration")


@pytest.fixture(scope="package")
def environment(folder: Path) -> dict[str, str]:
    """In which the commands of that demonstration run."""
    handed_on = {
        name: text
        for name, text in os.environ.items()  # noqa: TID251 -- handed on to a program of its own
        if not name.startswith(("LINESHAFT_", "DJANGO_", "DATABASE_", "COVERAGE_"))
    }
    return handed_on | {"LINESHAFT_VAR": str(folder), "LINESHAFT_DEMONSTRATION": "1"}


@pytest.fixture(scope="package")
def address(
    chromium_path: str,
    folder: Path,
    environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Where a fresh demonstration answers; ended, with its worker, after the last journey."""
    del chromium_path  # without a browser there is no need to start it
    port = _free_port()
    log = (folder / "log").open("wb")

    def load(shared: Path) -> None:
        for words in (("collectstatic", "--noinput", "-v0"), ("load",)):
            subprocess.run(
                [*COMMAND, *words],
                env={**environment, "LINESHAFT_VAR": str(shared)},
                check=True,
                stdout=log,
                stderr=log,
            )

    shutil.copytree(made_once(tmp_path_factory, "loaded", load), folder, dirs_exist_ok=True)
    process = subprocess.Popen(
        [*COMMAND, "demo", "--port", str(port)], env=environment, stdout=log, stderr=log
    )
    try:
        _wait_for(port, process, folder / "log")
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(STOP_LIMIT_S)
        log.close()


@pytest.fixture
def shell(address: str, environment: dict[str, str]) -> Shell:
    """Runs code beside the server, for what no visitor can do: to let a deadline pass."""
    del address  # it runs

    def run(code: str) -> None:
        subprocess.run([*COMMAND, "shell", "-v0", "-c", code], env=environment, check=True)

    return run


@pytest.fixture(scope="package")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=[*ARGUMENTS])
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """A browser of its own; a request that leaves the host fails the journey."""
    opened = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    strangers: list[str] = []
    opened.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((address, "data:", "blob:"))
            else strangers.append(request.url)
        ),
    )
    opened.set_default_timeout(30_000)
    yield opened
    opened.close()
    assert strangers == []


@pytest.fixture
def visitor(context: BrowserContext, address: str) -> Page:
    """A page of somebody who has not signed in, at home."""
    page = context.new_page()
    page.goto(f"{address}/")
    return page


@pytest.fixture
def sign_in(context: BrowserContext, address: str) -> SignIn:
    """Signs a persona in and returns the page, at the persona's desk."""

    def signed_in(persona: str) -> Page:
        page = context.new_page()
        page.goto(f"{address}/accounts/login/")
        email = f"{persona.replace('_', '.')}@demo.example"
        page.get_by_role("button", name=f"Enter as {email}").click()
        page.wait_for_url("**/desk/")
        return page

    return signed_in


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        try:
            connection.request("GET", "/", headers={"Host": "localhost"})
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    ends_at = time.monotonic() + START_LIMIT_S
    while time.monotonic() < ends_at:
        if process.poll() is not None:
            break
        if _answers(port):
            return
        time.sleep(0.2)
    pytest.fail(f"The demonstration did not start:\n{log.read_text()[-4000:]}")
