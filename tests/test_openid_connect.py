"""Signing in through an OpenID Connect provider: a small real one on 127.0.0.1.

The browser's part (following redirects, keeping cookies) is Django's test client; what the program
asks the provider itself (discovery, token, userinfo) goes over a socket.
"""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from pytest_django.fixtures import Settings

from lineshaft.config.settings import openid_connect
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.models import User

pytestmark = pytest.mark.django_db

CLIENT = "lineshaft"
SECRET = "a-secret-of-the-provider"
PERSON = {"sub": "person-7", "email": "ada@example.gov", "email_verified": True, "name": "Ada"}


@dataclass(slots=True)
class Provider:
    """What the provider knows: its key, who sits at the browser, codes and tokens given out."""

    address: str = ""
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    person: dict[str, Any] = field(default_factory=lambda: dict(PERSON))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorise",
            "token_endpoint": f"{self.address}/token",
            "userinfo_endpoint": f"{self.address}/userinfo",
            "jwks_uri": f"{self.address}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def authorise(self, query: dict[str, str]) -> str:
        """Where the browser is sent once the person has signed in at the provider."""
        assert (query["client_id"], query["response_type"]) == (CLIENT, "code")
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        """The tokens for a code, once, to who holds the secret and the verifier of the code."""
        asked = self.codes.pop(form["code"])
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == asked["code_challenge"]
        assert (form["client_id"], form["client_secret"]) == (CLIENT, SECRET)
        assert form["redirect_uri"] == asked["redirect_uri"]
        access = secrets.token_urlsafe(8)
        self.tokens.add(access)
        now_s = int(clock.now().timestamp())
        claims = {"iss": self.address, "aud": CLIENT, "iat": now_s, "exp": now_s + 60}
        identity = jwt.encode(claims | self.person, self.key, "RS256", headers={"kid": "1"})
        return {"access_token": access, "token_type": "Bearer", "id_token": identity}


class Handler(BaseHTTPRequestHandler):
    """The provider's addresses."""

    provider: Provider

    def do_GET(self) -> None:
        self.provider.asked.append(self.path)
        kind, _, access = self.headers.get("Authorization", "").partition(" ")
        if self.path == "/.well-known/openid-configuration":
            self.answer(200, self.provider.configuration())
        elif self.path == "/userinfo" and (kind, access in self.provider.tokens) == (
            "Bearer",
            True,
        ):
            self.answer(200, self.provider.person)
        else:
            self.answer(401, {"error": "invalid_token"})

    def do_POST(self) -> None:
        self.provider.asked.append(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.answer(200, self.provider.token(_flat(body)))

    def answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    known = Provider()
    handler = type("HandlerOfOne", (Handler,), {"provider": known})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    known.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.SOCIALACCOUNT_PROVIDERS = openid_connect(
        known.address, name="Agency", client=CLIENT, secret=SECRET
    )
    yield known
    server.shutdown()
    thread.join()
    server.server_close()


def _flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


def sign_in_through(
    provider: Provider, client: Client, *, process: str = "login"
) -> tuple[int, str]:
    """Leave for the provider, sign in there, come back; status and address of what follows."""
    left = client.post(f"/accounts/oidc/oidc/login/?process={process}")
    assert left.status_code == 302
    address = urlsplit(left["Location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{provider.address}/authorise"
    back = urlsplit(provider.authorise(_flat(address.query)))
    assert (back.scheme, back.netloc) == ("http", "testserver")
    answer = client.get(f"{back.path}?{back.query}")
    return answer.status_code, answer.headers.get("Location", "")


@pytest.fixture
def ada() -> User:
    return User.objects.create_user(email="ada@example.gov", name="Ada")


def user_id_of(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def test_connected_person_signs_in(provider: Provider, client: Client, ada: User) -> None:
    SocialAccount.objects.create(user=ada, provider="oidc", uid="person-7")
    assert sign_in_through(provider, client) == (302, "/desk/")
    assert user_id_of(client) == str(ada.pk)
    assert provider.asked == [
        "/.well-known/openid-configuration",
        "/.well-known/openid-configuration",
        "/token",
        "/userinfo",
    ]


def test_person_who_is_not_connected_is_refused_even_with_a_known_address(
    provider: Provider, client: Client, ada: User
) -> None:
    assert sign_in_through(provider, client) == (200, "")
    assert user_id_of(client) is None
    assert (User.objects.count(), SocialAccount.objects.count()) == (1, 0)


def test_signed_in_person_connects_and_then_signs_in(
    provider: Provider, client: Client, ada: User
) -> None:
    client.force_login(ada)
    sign_in_through(provider, client, process="connect")
    assert list(SocialAccount.objects.values_list("user_id", "uid")) == [(ada.pk, "person-7")]
    other = Client()
    sign_in_through(provider, other)
    assert user_id_of(other) == str(ada.pk)


def test_answer_with_a_state_that_was_not_asked_for_signs_nobody_in(
    provider: Provider, client: Client, ada: User
) -> None:
    SocialAccount.objects.create(user=ada, provider="oidc", uid="person-7")
    client.post("/accounts/oidc/oidc/login/")
    client.get("/accounts/oidc/oidc/login/callback/", {"code": "x", "state": "forged"})
    assert user_id_of(client) is None
    assert "/token" not in provider.asked


def test_identity_token_of_another_client_signs_nobody_in(
    provider: Provider, client: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    SocialAccount.objects.create(user=ada, provider="oidc", uid="person-7")
    provider.person["aud"] = "another-client"
    sign_in_through(provider, client)
    assert user_id_of(client) is None
