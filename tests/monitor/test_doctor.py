"""`schoolgate doctor` on a real service: in plain words, in the school's own time, gravest first, with an exit code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from click.testing import Result

from monitor.app import mail_header_problem, utc_now
from monitor.incidents import close_incident, open_incident
from tests.manager import Manager
from tests.monitor.test_cli import _logging_as_before, schoolgate  # noqa: F401 - the first is a fixture
from tests.school import School, school

ADVICE = {"python", "mail headers", "Python has a known hole"}  # of this machine's own Python
ZONE = '\n[detection]\nmodel = "off"\n'


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    with school(tmp_path_factory.mktemp("doctor"), utc_now, more=ZONE) as made:
        made.config.write_text(
            made.config.read_text().replace("case_prefix", 'timezone = "Asia/Kolkata"\ncase_prefix', 1)
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SSL_CERT_FILE", str(made.folder / "mailbox.pem"))
            yield made


@pytest.fixture(scope="module")
def running(built: School) -> Iterator[School]:
    manager = Manager(built.folder)
    process = built.start("run", "--config", str(built.config), env={"NOTIFY_SOCKET": manager.address})
    try:
        manager.hears("READY=1")
        yield built
    finally:
        process.terminate()
        process.communicate(timeout=60)
        manager.close()


def doctor(built: School, *words: str) -> Result:
    return schoolgate("doctor", *(words or ("--json",)), "--config", built.config)


def unwell(ended: Result) -> list[dict[str, Any]]:
    points = json.loads(ended.stdout)["points"]
    return [point for point in points if not point["ok"] and point["name"] not in ADVICE]


def test_what_python_lacks_is_said_of_this_machine_once(built: School) -> None:
    points = json.loads(doctor(built).stdout)["points"]
    of_python = [point["area"] for point in points if point["name"] in {"python", "mail headers"}]
    assert of_python == ["this machine"]


def test_a_service_that_does_not_run_is_the_gravest_fault_and_stands_first(built: School) -> None:
    ended = doctor(built)
    said = json.loads(ended.stdout)
    assert (ended.exit_code, said["exit"], said["ok"]) == (1, 1, False)
    first = said["points"][0]
    assert (first["area"], first["name"], first["weight"]) == ("service", "process", "here")
    assert "it is not running" in first["says"]


def test_a_service_that_is_well_ends_with_0_whatever_can_wait(running: School) -> None:
    ended = doctor(running)
    assert unwell(ended) == []
    assert ended.exit_code == 0
    said = json.loads(ended.stdout)
    assert said["ok"]
    waits = {point["name"] for point in said["points"] if point["weight"] == "soon"}
    assert bool(waits) is (mail_header_problem() is not None)
    areas = {point["area"] for point in said["points"]} - {"trouble"}
    assert areas == {"this machine", "service", "x-main", "facebook-page", "mail"}
    names = {point["name"] for point in said["points"]}
    assert {"the headteacher", "the school office"} <= names
    here = (utc_now() + timedelta(hours=5, minutes=30)).strftime("%a %d %b %Y, ")
    says = next(point["says"] for point in said["points"] if point["name"] == "process")
    assert says.startswith(f"it has been running since {here}")


def test_what_is_wrong_outside_is_75_and_what_is_wrong_here_is_1(running: School) -> None:
    def trouble(key: str, *, ends: bool = False) -> None:
        with running.store() as store, store.write() as session:
            if ends:
                close_incident(store, session, key, now=utc_now())
            else:
                open_incident(store, session, key, says="it is so", cure="Do\nthis.", now=utc_now())

    codes = {}
    for key in ("expires:x-main:token", "budget:x", "step:planted"):
        trouble(key)
        codes[key] = doctor(running).exit_code
    assert codes == {"expires:x-main:token": 0, "budget:x": 75, "step:planted": 1}
    shown = doctor(running, "-c", str(running.config)).stdout
    lines = shown.splitlines()
    assert lines[0].startswith("✖ trouble · a part of Schoolgate fails: it is so (since ")
    assert lines[0].endswith("Do this.")
    assert lines[-1].startswith("2 points need attention. ")
    assert "(○)" in lines[-1]
    trouble("claim:3")
    assert len([p for p in unwell(doctor(running)) if p["area"] == "trouble"]) == 3
    for key in (*codes, "claim:3"):
        trouble(key, ends=True)


def test_a_revoked_access_is_named_with_its_cure_and_without_the_token(running: School) -> None:
    running.x_faults.arm("revoked_token", times=None)
    ended = doctor(running, "-c", str(running.config))
    running.x_faults.clear()
    assert ended.exit_code == 75
    assert "✖" in ended.stdout
    assert "attention." in ended.stdout
    assert "marker-token" not in ended.output
