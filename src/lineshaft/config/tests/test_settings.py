import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from lineshaft.config.settings import _networks, _one_of, _origin, _profile, host_of


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


def test_form_may_go_to_the_provider_alone(tmp_path: Path) -> None:
    program = """
from lineshaft.config import settings
print(settings.SECURE_CSP["form-action"])
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={
            "LINESHAFT_VAR": str(tmp_path),
            "LINESHAFT_OIDC_SERVER": "https://login.example.gov/realms/a;b",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[<CSP.SELF: \"'self'\">, 'https://login.example.gov']\n"


def test_proxies_are_addresses_or_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINESHAFT_PROXIES", "127.0.0.1, 10.0.0.0/8")
    assert [str(one) for one in _networks("LINESHAFT_PROXIES")] == ["127.0.0.1/32", "10.0.0.0/8"]
    monkeypatch.setenv("LINESHAFT_PROXIES", "proxy")
    with pytest.raises(ImproperlyConfigured, match="LINESHAFT_PROXIES takes addresses"):
        _networks("LINESHAFT_PROXIES")


def test_profile_that_does_not_ship_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINESHAFT_PROFILE", "xx")
    with pytest.raises(ImproperlyConfigured, match="'xx'; the profiles that ship are cn, us"):
        _profile("LINESHAFT_PROFILE")


@pytest.mark.parametrize(
    "given", ["network.example.gov", "https://network.example.gov/path", "ftp://x", "https://"]
)
def test_origin_that_is_no_address_is_not_taken(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINESHAFT_ORIGIN", given)
    with pytest.raises(ImproperlyConfigured, match="LINESHAFT_ORIGIN"):
        _origin("LINESHAFT_ORIGIN")


def test_engine_of_the_figures_is_one_that_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _one_of("LINESHAFT_FIGURES_ENGINE", ("duckdb", "spark")) == "duckdb"
    monkeypatch.setenv("LINESHAFT_FIGURES_ENGINE", "abacus")
    with pytest.raises(ImproperlyConfigured, match="'abacus'; it takes duckdb or spark"):
        _one_of("LINESHAFT_FIGURES_ENGINE", ("duckdb", "spark"))
