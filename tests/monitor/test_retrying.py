from __future__ import annotations

from datetime import timedelta

from monitor.errors import ConnectorError
from monitor.retrying import TRIES, pause


def test_each_wait_is_twice_the_last() -> None:
    waits = [pause(ConnectorError("No answer."), tried) for tried in range(1, 4)]
    assert waits == [timedelta(seconds=30), timedelta(seconds=60), timedelta(seconds=120)]


def test_a_network_that_names_its_pause_is_given_it() -> None:
    assert pause(ConnectorError("Later.", retry_after=900.0), 3) == timedelta(minutes=15)


def test_what_a_person_must_mend_and_what_failed_too_often_is_given_up() -> None:
    assert pause(ConnectorError("Revoked.", permanent=True), 1) is None
    assert pause(ConnectorError("No answer."), TRIES) is None
