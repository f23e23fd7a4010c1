from ipaddress import ip_network

import pytest
from pytest_django import Settings

from lineshaft.config.proxies import client_address
from lineshaft.config.tests.test_signing_in import PASSWORD, sign_in
from lineshaft.plumbing.access.tests.factories import make_user

OWN = (ip_network("127.0.0.1"), ip_network("10.0.0.0/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        pytest.param("203.0.113.9", "", "203.0.113.9", id="no proxy"),
        pytest.param("203.0.113.9", "198.51.100.1", "203.0.113.9", id="untrusted peer lies"),
        pytest.param("127.0.0.1", "203.0.113.9", "203.0.113.9", id="one proxy"),
        pytest.param("127.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9", id="client lies"),
        pytest.param("127.0.0.1", "1.2.3.4, 203.0.113.9, 10.1.1.1", "203.0.113.9", id="two"),
        pytest.param("127.0.0.1", "10.1.1.1", "10.1.1.1", id="from inside"),
        pytest.param("127.0.0.1", "203.0.113.9, nonsense", "127.0.0.1", id="nonsense"),
        pytest.param("127.0.0.1", "", "127.0.0.1", id="proxy says nothing"),
        pytest.param("127.0.0.1", "203.0.113.9:4711", "203.0.113.9", id="with a port"),
        pytest.param("127.0.0.1", "[2001:db8::1]:4711", "2001:db8::1", id="six with a port"),
        pytest.param("::ffff:127.0.0.1", "2001:db8::1", "2001:db8::1", id="four within six"),
        pytest.param("", "203.0.113.9", "", id="no peer"),
    ],
)
def test_client_address_is_the_nearest_that_no_trusted_proxy_holds(
    peer: str, forwarded: str, client: str
) -> None:
    assert client_address(peer, forwarded, OWN) == client


def test_client_address_without_trusted_proxies_is_the_peer() -> None:
    assert client_address("127.0.0.1", "203.0.113.9", ()) == "127.0.0.1"


@pytest.mark.django_db
def test_failed_sign_ins_lock_out_their_own_client_alone(settings: Settings) -> None:
    settings.PROXIES = ()
    user = make_user(password=PASSWORD)
    for number in range(11):
        sign_in(f"{number}@example.org", "wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    assert not sign_in(user.email, PASSWORD, HTTP_X_FORWARDED_FOR="198.51.100.1")


@pytest.mark.django_db
def test_failed_sign_ins_behind_a_trusted_proxy_count_for_each_client(
    settings: Settings,
) -> None:
    settings.PROXIES = (ip_network("127.0.0.1"),)
    user = make_user(password=PASSWORD)
    for number in range(11):
        # What the attacker writes itself stands before what the proxy adds.
        said = f"198.51.100.{number}, 203.0.113.7"
        sign_in(f"{number}@example.org", "wrong", HTTP_X_FORWARDED_FOR=said)
    assert not sign_in(user.email, PASSWORD, HTTP_X_FORWARDED_FOR="203.0.113.7")
    assert sign_in(user.email, PASSWORD, HTTP_X_FORWARDED_FOR="198.51.100.1")
