"""What is left of signing in, and when it goes."""

from __future__ import annotations

from datetime import timedelta

from monitor.retention import prune
from monitor.store import Store
from monitor.tables_sign_in import DeviceRow, SpentStateRow, SpentTokenRow
from tests.conftest import HandClock
from tests.monitor.aging import KEEP, rows_of


def test_an_ended_device_goes_with_all_its_tokens_and_a_remembered_one_stays(
    store: Store, clock: HandClock
) -> None:
    with store.write() as session:
        for end in (clock() + timedelta(days=30), clock() + timedelta(days=90)):
            name = end.isoformat()
            device = DeviceRow(
                school_id=store.school,
                recipient="r",
                role="dsl",
                label="Safari on iPhone",
                token=name,
                created_at=clock(),
                used_at=clock(),
                expires_at=end,
            )
            session.add(device)
            session.flush()
            assert device.id is not None
            for number in (1, 2):
                session.add(
                    SpentTokenRow(
                        school_id=store.school, device_id=device.id, token=f"{name} {number}", expires_at=end
                    )
                )
            session.add(SpentStateRow(school_id=store.school, state=name, expires_at=end))
    clock.wait(days=60, seconds=1)
    removed = prune(store, KEEP, clock())
    assert (removed.devices, removed.sign_ins) == (3, 1)
    assert len(rows_of(store, DeviceRow)) == 1
    assert len(rows_of(store, SpentTokenRow)) == 2
