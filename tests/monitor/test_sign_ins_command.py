"""`schoolgate sign-ins`: what the administrator sees of who is signed in, and ends; and a role with a new holder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from click.testing import Result
from sqlmodel import select

from alerts import devices, sessions
from alerts.links import recipient_hash
from monitor.app import utc_now
from monitor.commands.opened import app_of, settings_of, store_of
from monitor.domain import Role
from monitor.tables import AuditRow
from monitor.tables_people import SignInRow
from monitor.tables_sign_in import DeviceRow
from tests.monitor.test_cli import _logging_as_before, schoolgate  # noqa: F401 - a fixture
from tests.school import School, address, school

HOURS, MONTH = timedelta(hours=12), timedelta(days=30)


@pytest.fixture
def built(tmp_path) -> Iterator[School]:
    with school(tmp_path, utc_now) as made:
        yield made


def at(built: School, *arguments: object) -> Result:
    return schoolgate(*arguments, "--config", built.config)


def enter(built: School, role: Role, *, device: bool = False) -> None:
    now = utc_now()
    with store_of(settings_of(built.config)) as store, store.write() as session:
        recipient = recipient_hash(store.vault, address(role))
        if device:
            devices.remember(
                store, session, role=role, recipient=recipient, label="Safari on iPhone", now=now, valid=MONTH
            )
        else:
            sessions.begin(
                store,
                session,
                role=role.value,
                recipient=recipient,
                now=now,
                valid=HOURS,
                label="Edge on Windows",
            )


def open_ids(built: School) -> list[str]:
    listed = json.loads(at(built, "sign-ins", "list", "--json").stdout)
    return [one["id"] for one in listed["sign_ins"]]


def test_nobody_is_signed_in_at_first(built: School) -> None:
    assert "Nobody is signed in" in at(built, "sign-ins", "list").stdout
    refused = at(built, "sign-ins", "revoke", "--all")
    assert refused.exit_code != 0
    assert "nothing to end" in refused.stderr


def test_ids_roles_and_times_are_shown_and_no_address(built: School) -> None:
    enter(built, Role.HEADTEACHER, device=True)
    enter(built, Role.DSL)
    shown = at(built, "sign-ins", "list")
    for words in ("device-1", "headteacher", "Safari on iPhone", "sign-in-1", "dsl", "Edge on Windows"):
        assert words in shown.stdout
    for private in (address(Role.HEADTEACHER), address(Role.DSL), "Quayle", "Vance"):
        assert private not in shown.stdout + at(built, "sign-ins", "list", "--json").stdout
    assert open_ids(built) == ["device-1", "sign-in-1"]


def test_one_is_ended_and_a_missing_one_is_said(built: School) -> None:
    enter(built, Role.HEADTEACHER, device=True)
    enter(built, Role.DSL)
    ended = at(built, "sign-ins", "revoke", "device-1", "sign-in-7")
    assert ended.exit_code == 1
    assert "Ended: 1." in ended.stdout
    assert "sign-in-7: no open sign-in" in ended.stderr
    assert open_ids(built) == ["sign-in-1"]
    with store_of(settings_of(built.config)) as store, store.read() as session:
        (entry,) = session.exec(select(AuditRow).where(AuditRow.event == "sign-in ended")).all()
    assert (entry.actor, entry.thing) == ("administrator", "device 1")


def test_a_role_is_ended_and_then_everybody(built: School) -> None:
    for role in (Role.HEADTEACHER, Role.DSL, Role.OFFICE):
        enter(built, role)
    assert "Ended: 1." in at(built, "sign-ins", "revoke", "--role", "dsl").stdout
    assert "Ended: 2." in at(built, "sign-ins", "revoke", "--all").stdout
    assert open_ids(built) == []


@pytest.mark.parametrize("arguments", [[], ["device-1", "--all"], ["--all", "--role", "dsl"]])
def test_what_ends_is_said_in_one_way(built: School, arguments: list[str]) -> None:
    assert at(built, "sign-ins", "revoke", *arguments).exit_code == 2


def test_at_the_next_start_a_new_holder_finds_nothing_of_the_old(built: School) -> None:
    enter(built, Role.HEADTEACHER, device=True)
    enter(built, Role.HEADTEACHER)
    enter(built, Role.DSL)
    text = built.config.read_text()
    built.config.write_text(text.replace(address(Role.HEADTEACHER), "newhead@stmarks.example"))
    with app_of(built.config) as app:
        app.web()
    assert open_ids(built) == ["sign-in-2"]
    built.config.write_text(text)
    with app_of(built.config) as app:
        app.web()
        with app.store.read() as session:
            rows = [*session.exec(select(DeviceRow)).all(), *session.exec(select(SignInRow)).all()]
    assert sum(row.revoked_at is None for row in rows) == 1
