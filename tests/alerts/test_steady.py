from datetime import UTC, datetime, timedelta

from alerts.steady import Steady

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Machine:
    """A machine's two clocks: the one on the wall, which people set, and the one that only grows."""

    def __init__(self):
        self.wall, self.ticks = NOON, 1000.0
        self.steady = Steady(lambda: self.wall, lambda: self.ticks)

    def wait(self, **span):
        self.wall += timedelta(**span)
        self.ticks += timedelta(**span).total_seconds()


def test_it_is_the_wall_clock_while_nobody_touches_that():
    machine = Machine()
    for _ in range(3):
        machine.wait(minutes=7)
        assert machine.steady() == machine.wall


def test_put_back_by_an_hour_it_goes_on_as_time_passes():
    machine = Machine()
    machine.wait(minutes=5)
    machine.wall -= timedelta(hours=1)
    assert machine.steady() == NOON + timedelta(minutes=5)
    machine.wait(minutes=10)
    assert machine.steady() == NOON + timedelta(minutes=15)


def test_put_forward_or_after_sleep_it_follows():
    machine = Machine()
    machine.wall += timedelta(hours=8)  # a machine that slept: the other clock stood still
    assert machine.steady() == NOON + timedelta(hours=8)
    machine.wall -= timedelta(minutes=1)
    assert machine.steady() == NOON + timedelta(hours=8)
