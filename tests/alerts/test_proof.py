"""Where the networks' sign-ins are, and what a start of the service does not wait for."""

from __future__ import annotations

import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

import connectors
from alerts.proof import Prover, facebook, x
from alerts.setup import provers_of
from monitor.settings import Settings
from monitor.settings_claims import Claims, FacebookSignIn, SignIn
from tests.alerts.signing_in import query


def settings(**claims: SignIn) -> Settings:
    page = {"public_url": "https://gate.school.example"}
    made = Settings.model_construct(claims=Claims(**claims))
    object.__setattr__(made, "page", Settings.model_fields["page"].annotation(**page))  # type: ignore[misc]
    return made


def made(**claims: SignIn) -> dict[str, Prover]:
    return provers_of(settings(**claims))


SECRET = SecretStr("marker-client-secret")


def test_nothing_is_offered_that_nobody_configured() -> None:
    assert made() == {}
    assert made(x=SignIn(client_id="a", client_secret=SECRET)).keys() == {"x"}


@pytest.mark.parametrize(
    ("name", "one", "start", "token", "me"),
    [
        (
            "x",
            SignIn(client_id="app", client_secret=SECRET),
            "https://x.com/i/oauth2/authorize",
            "https://api.x.com/2/oauth2/token",
            "https://api.x.com/2/users/me",
        ),
        (
            "facebook",
            FacebookSignIn(client_id="app", client_secret=SECRET, version="v27.0"),
            "https://www.facebook.com/v27.0/dialog/oauth",
            "https://graph.facebook.com/v27.0/oauth/access_token",
            "https://graph.facebook.com/v27.0/me",
        ),
    ],
)
def test_a_browser_is_sent_to_the_network_and_back_to_the_page(
    name: str, one: SignIn, start: str, token: str, me: str
) -> None:
    prover = made(**{name: one})[name]
    begun, another = prover.begin(), prover.begin()
    assert begun.link.partition("?")[0] == start
    assert (prover.network.token, prover.network.me) == (token, me)
    asked = query(begun.link)
    assert asked["client_id"] == "app"
    assert asked["redirect_uri"] == f"https://gate.school.example/claim/with/{name}/back"
    assert asked["state"] == begun.state
    assert {begun.state, begun.verifier}.isdisjoint({another.state, another.verifier})
    for secret in (SECRET.get_secret_value(), begun.verifier):
        assert secret not in begun.link + repr(begun) + repr(prover)
    assert begun.state not in repr(begun)


def test_one_loopback_server_stands_for_all_of_a_networks() -> None:
    for network in (x("http://127.0.0.1:1"), facebook("http://127.0.0.1:1")):
        assert {urlsplit(one).netloc for one in (network.authorise, network.token, network.me)} == {
            "127.0.0.1:1"
        }


def test_a_start_of_the_service_does_not_wait_for_the_library() -> None:
    code = "import sys, monitor.app; sys.exit('authlib' in sys.modules or 'joserfc' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_what_a_sign_in_costs_is_the_network_s_own_price_for_a_profile() -> None:
    made = provers_of(
        settings(
            x=SignIn(client_id="a", client_secret=SECRET),
            facebook=FacebookSignIn(client_id="a", client_secret=SECRET),
        ),
        connectors.profile_reads,
    )
    assert {name: one.reads for name, one in made.items()} == {"x": 10, "facebook": 0}
