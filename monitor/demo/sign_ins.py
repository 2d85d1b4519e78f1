"""Signing in at the demo's two networks: which of the script's people can, and with which confirmed e-mail address.

Some are on the school's records, some are not, and one has no confirmed address: each ends as it would for a school.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from monitor.ports import Clock
from monitor.sandbox.script import Script
from monitor.sandbox.signin_facebook import facebook_signin_app
from monitor.sandbox.signin_state import SignInState
from monitor.sandbox.signin_x import x_signin_app

APPS = {"x": x_signin_app, "facebook": facebook_signin_app}
MEMBERS: Mapping[
    str, Mapping[str, str | None]
] = {  # by network: a person of the script, and their confirmed address
    "x": {
        "kaz": "kaz.holloway@wexmail.example",
        "tunde": "tunde.af@moorpost.example",
        "priya": "priya.nandakumar@wexmail.example",
        "dave": "dave3245@elsewhere.example",  # on no record
        "lorna": None,
    },
    "facebook": {
        "donna": "donna.sleight@moorpost.example",
        "kofi": "kofi.mr@wexmail.example",
        "mick": "mick.hallam@elsewhere.example",  # on no record
        "tiff": None,
    },
}


def states(page: str, clock: Clock) -> dict[str, SignInState]:
    """The two sign-ins, for the application of the school whose page is at this address. Nobody can sign in yet."""
    return {
        name: SignInState(f"demo-{name}", secrets.token_hex(16), [f"{page}/claim/with/{name}/back"], clock)
        for name in APPS
    }


def enrol(sign_ins: Mapping[str, SignInState], script: Script, ids: Mapping[str, str]) -> None:
    """Let MEMBERS sign in; `ids` are the people's on their networks, by person of the script."""
    for name, people in MEMBERS.items():
        for key, email in people.items():
            person = script.people[key]
            sign_ins[name].add(person.handle or "", email, name=person.name, member_id=ids[key])


def tables(folder: Path, sign_ins: Mapping[str, SignInState], urls: Mapping[str, str]) -> str:
    """The configuration's [claims.*] for sign-ins that are served at `urls`; their secrets go into files in `folder`."""
    written = []
    for name, state in sign_ins.items():
        secret = folder / f"claims.{name}.client_secret"
        secret.touch(mode=0o600)
        secret.write_text(state.client_secret)
        written.append(
            f"[claims.{name}]\n"
            f"client_id = {json.dumps(state.client_id)}\n"
            f"client_secret_file = {json.dumps(secret.name)}\n"
            f"base_url = {json.dumps(urls[name])}\n"
        )
    return "\n".join(written)
