"""Invented networks to sign in at, and a family's browser that goes there and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import requests

from alerts.proof import Prover, facebook, x
from monitor.sandbox.faults import Faults
from monitor.sandbox.serve import Serving
from monitor.sandbox.signin_facebook import facebook_signin_app
from monitor.sandbox.signin_state import SignInState
from monitor.sandbox.signin_x import x_signin_app
from tests.alerts.page_browser import Browser
from tests.conftest import HandClock

CLIENT, SECRET = "school-app", "marker-client-secret"
READS = {"x": 10, "facebook": 0}  # what each bills for a sign-in
APPS = {"x": x_signin_app, "facebook": facebook_signin_app}


@dataclass
class Site:
    """One invented network: its people, its bad days, its address."""

    name: str
    state: SignInState
    faults: Faults
    serving: Serving

    @property
    def url(self) -> str:
        return self.serving.url

    def prover(self, page_url: str, *, secret: str = SECRET) -> Prover:
        back = f"{page_url}/claim/with/{self.name}/back"
        self.state.redirects = [back]
        network = x(self.url) if self.name == "x" else facebook(self.url)
        return Prover(network, client_id=CLIENT, client_secret=secret, back=back, reads=READS[self.name])


@contextmanager
def site(name: str, clock: HandClock) -> Iterator[Site]:
    state, faults = SignInState(CLIENT, SECRET, [], clock), Faults()
    with Serving(APPS[name](state, faults)) as serving:
        yield Site(name, state, faults, serving)


class Family(Browser):
    """A family's browser at the school's page and at the network."""

    def start(self, network: str, **form: str) -> str:
        """Press our button; returns where the page sends the browser next."""
        self.get("/claim")
        self.post(f"/claim/with/{network}", {"consent": "yes"} | form)
        link = self.soup.find("a", class_="button")
        assert link is not None, self.words
        assert self.soup.find("meta", attrs={"http-equiv": "refresh"})["content"] == f"0; url={link['href']}"
        return str(link["href"])

    def choose(self, link: str, member: str, choice: str = "allow", **more: str) -> str:  # type: ignore[override]
        """Answer the network's page; returns where it sends the browser, which has not gone there yet."""
        page = self.session.get(link, timeout=10)
        assert page.status_code == 200, page.text
        form = {"member": member, "choice": choice} | more
        answer = self.session.post(link, form, timeout=10, allow_redirects=False)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def come_back(self, address: str) -> requests.Response:
        self.last = self.session.get(address, timeout=10)
        return self.last

    def sign_in(self, network: str, member: str, choice: str = "allow", **more: str) -> requests.Response:
        return self.come_back(self.choose(self.start(network), member, choice, **more))


def query(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
