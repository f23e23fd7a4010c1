import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from lineshaft.config.settings import _origin, host_of


@pytest.mark.parametrize(
    ("given", "origin", "host"),
    [
        ("", "", ""),
        ("https://network.example.gov", "https://network.example.gov", "network.example.gov"),
        ("https://Network.example.gov/", "https://network.example.gov", "network.example.gov"),
        (
            "https://network.example.gov:8443",
            "https://network.example.gov:8443",
            "network.example.gov",
        ),
        ("http://localhost:8000", "http://localhost:8000", "localhost"),
        ("http://[::1]:8000", "http://[::1]:8000", "[::1]"),
    ],
)
def test_origin_is_an_address_and_its_host_has_no_port(
    given: str, origin: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINESHAFT_ORIGIN", given)
    assert _origin("LINESHAFT_ORIGIN") == origin
    assert host_of(origin) == host


@pytest.mark.parametrize(("origin", "count"), [("https://net.example.gov", 1), ("", 0)])
def test_proxy_in_front_is_believed_who_asks_and_nobody_else(
    origin: str, count: int, tmp_path: Path
) -> None:
    program = """
from lineshaft.config import settings
print(settings.ALLAUTH_TRUSTED_PROXY_COUNT, settings.SECURE_CSP["form-action"])
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={
            "LINESHAFT_VAR": str(tmp_path),
            "LINESHAFT_ORIGIN": origin,
            "LINESHAFT_OIDC_SERVER": "https://login.example.gov/realms/a;b",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{count} [<CSP.SELF: \"'self'\">, 'https://login.example.gov']\n"


@pytest.mark.parametrize(
    "given", ["network.example.gov", "https://network.example.gov/path", "ftp://x", "https://"]
)
def test_origin_that_is_no_address_is_not_taken(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINESHAFT_ORIGIN", given)
    with pytest.raises(ImproperlyConfigured, match="LINESHAFT_ORIGIN"):
        _origin("LINESHAFT_ORIGIN")
