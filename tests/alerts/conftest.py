"""Families of the school that a test has opened as `school`."""

import pytest

from tests.alerts.page_school import School
from tests.conftest import HandClock
from tests.families import Families


@pytest.fixture
def families(school: School, clock: HandClock) -> Families:
    return Families(school.store, clock)
