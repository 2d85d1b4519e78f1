"""The invented networks' sign-ins refuse what the real ones would."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests

from monitor.sandbox.faults import Faults
from monitor.sandbox.serve import Serving
from monitor.sandbox.signin_facebook import facebook_signin_app
from monitor.sandbox.signin_state import Asked, SignInState, challenge_of
from monitor.sandbox.signin_x import x_signin_app
from tests.conftest import HandClock

BACK, VERIFIER = "https://gate.school.example/back", "v" * 43
SCOPE = frozenset({"users.read", "tweet.read", "users.email", "email"})


class Site:
    """One network, and an application that asks it for tokens."""

    def __init__(self, name: str, state: SignInState, url: str) -> None:
        self.name, self.state, self.url = name, state, url
        self.member = state.add("GraceOk", "grace@mail.example")

    def code(self, scope: frozenset[str] = SCOPE) -> str:
        asked = Asked("app", BACK, "s", scope, challenge_of(VERIFIER))
        code = self.state.allow(asked, self.member.id)
        assert code is not None
        return code

    def token(self, code: str, secret: str = "secret", **changes: str) -> requests.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
        }
        headers = {}
        if self.name == "x":
            headers["Authorization"] = "Basic " + b64encode(f"app:{secret}".encode()).decode()
        else:
            form |= {"client_id": "app", "client_secret": secret}
        path = "/2/oauth2/token" if self.name == "x" else "/v26.0/oauth/access_token"
        return requests.post(self.url + path, form | changes, headers=headers, timeout=10)

    def me(self, token: str, **query: str) -> requests.Response:
        path = "/2/users/me" if self.name == "x" else "/v26.0/me"
        return requests.get(self.url + path, query, headers={"Authorization": f"Bearer {token}"}, timeout=10)


@pytest.fixture(params=["x", "facebook"])
def site(request: pytest.FixtureRequest, clock: HandClock) -> Iterator[Site]:
    state = SignInState("app", "secret", [BACK], clock)
    app = {"x": x_signin_app, "facebook": facebook_signin_app}[request.param]
    with Serving(app(state, Faults())) as serving:
        yield Site(request.param, state, serving.url)


def test_a_code_is_good_once(site: Site) -> None:
    code = site.code()
    assert site.token(code).json()["access_token"]
    assert site.token(code).status_code == 400


def test_a_code_that_was_tried_wrongly_is_spent(site: Site) -> None:
    code = site.code()
    assert site.token(code, code_verifier="w" * 43).status_code == 400
    assert site.token(code).status_code == 400


@pytest.mark.parametrize(
    "changes", [{"redirect_uri": f"{BACK}/"}, {"code_verifier": ""}, {"code_verifier": "ä"}]
)
def test_another_address_or_verifier_is_refused(site: Site, changes: dict[str, str]) -> None:
    assert site.token(site.code(), **changes).status_code == 400


def test_a_made_up_code_is_refused(site: Site) -> None:
    assert site.token("made-up").status_code == 400


def test_another_secret_is_refused_and_leaves_the_code_good(site: Site) -> None:
    code = site.code()
    assert site.token(code, "another").status_code == (401 if site.name == "x" else 400)
    assert site.token(code).status_code == 200


def test_an_old_code_is_refused(site: Site, clock: HandClock) -> None:
    code = site.code()
    clock.now += timedelta(seconds=30)
    assert site.token(code).status_code == 400


def test_a_made_up_token_is_nobodys(site: Site) -> None:
    assert site.me("made-up").status_code == (401 if site.name == "x" else 400)


def test_x_tells_the_address_only_to_who_was_allowed_it_and_asks(clock: HandClock) -> None:
    state = SignInState("app", "secret", [BACK], clock)
    with Serving(x_signin_app(state, Faults())) as serving:
        site = Site("x", state, serving.url)
        token = site.token(site.code()).json()["access_token"]
        assert "confirmed_email" not in site.me(token).json()["data"]
        assert site.me(token, **{"user.fields": "confirmed_email"}).json()["data"] == {
            "id": site.member.id,
            "name": "GraceOk",
            "username": "GraceOk",
            "confirmed_email": "grace@mail.example",
        }
        token = site.token(site.code(frozenset({"users.read", "tweet.read"}))).json()["access_token"]
        assert "confirmed_email" not in site.me(token, **{"user.fields": "confirmed_email"}).json()["data"]
        token = site.token(site.code(frozenset({"users.email"}))).json()["access_token"]
        assert site.me(token).status_code == 403


def test_facebook_wants_each_call_signed(clock: HandClock) -> None:
    state = SignInState("app", "secret", [BACK], clock)
    with Serving(facebook_signin_app(state, Faults())) as serving:
        site = Site("facebook", state, serving.url)
        token = site.token(site.code()).json()["access_token"]
        for wrong in ({}, {"appsecret_proof": "0" * 64}):
            assert site.me(token, **wrong).json()["error"]["code"] == 100
