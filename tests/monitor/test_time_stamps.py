"""Time stamps of the audit log: asked of a real authority on loopback, checked in full, loud but harmless when absent."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select
from starlette.responses import RedirectResponse, Response

from monitor import time_stamps
from monitor.heads import newest
from monitor.incidents import open_incidents
from monitor.store import Store
from monitor.tables import AuditRow
from monitor.tables_evidence import HeadRow
from monitor.time_stamps import INCIDENT, Authority, StampError, holds, stamp, stamp_when_due
from tests.conftest import HandClock
from tests.connectors.scripted import Reply, serving
from tests.monitor.aging import rows_of
from tests.monitor.stamping import Stamper, stamper

HEAD = "ab12" * 16
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl does the stamping")


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stamper]:
    with stamper(tmp_path_factory.mktemp("tsa")) as made:
        yield made


@pytest.fixture(autouse=True)
def _as_it_was(tsa: Stamper) -> None:
    tsa.answer, tsa.asked = None, []


def authority(tsa: Stamper) -> Authority:
    return Authority(tsa.url, tsa.root)


def logged(store: Store, clock: HandClock) -> AuditRow:
    with store.write() as session:
        store.audit(session, at=clock(), actor="dsl", happened="signed in", thing="page")
    with store.read() as session:
        entry = newest(session, store)
    assert entry is not None
    return entry


def test_a_stamp_verifies_and_is_of_this_head_alone(tsa: Stamper) -> None:
    token = stamp(HEAD, authority(tsa))
    assert holds(token, HEAD, tsa.root)
    assert not holds(token, "0" * 64, tsa.root)
    assert not holds(token[:-1] + bytes([token[-1] ^ 1]), HEAD, tsa.root)
    assert HEAD.encode() not in tsa.asked[0]  # it is told a hash of the head, nothing else


def test_a_stamp_verifies_with_openssl_as_the_export_says(tsa: Stamper, tmp_path: Path) -> None:
    (tmp_path / "head.txt").write_text(HEAD)
    (tmp_path / "head.tsr").write_bytes(stamp(HEAD, authority(tsa)))
    command = ["openssl", "ts", "-verify", "-data", "head.txt", "-in", "head.tsr", "-CAfile", tsa.root]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_authority_under_another_root_is_refused(tsa: Stamper, tmp_path: Path) -> None:
    with stamper(tmp_path / "other") as other, pytest.raises(StampError, match="does not hold"):
        stamp(HEAD, Authority(tsa.url, other.root))


def test_an_answer_to_another_question_is_refused(tsa: Stamper) -> None:
    stamp(HEAD, authority(tsa))
    old = tsa.stamped(tsa.asked[0])
    tsa.answer = Response(old)
    with pytest.raises(StampError, match="does not hold"):
        stamp(HEAD, authority(tsa))


@pytest.mark.parametrize(
    "answer",
    [
        Response(b"", 503),
        Response(b"<html>not a stamp</html>"),
        Response(b"x" * 100_000),
        RedirectResponse("http://127.0.0.1:1/"),
        Response(b"not compressed", headers={"content-encoding": "gzip"}),
    ],
)
def test_anything_else_is_one_sentence(tsa: Stamper, answer: Response) -> None:
    tsa.answer = answer
    with pytest.raises(StampError) as told:
        stamp(HEAD, authority(tsa))
    assert "127.0.0.1" in str(told.value)
    assert "\n" not in str(told.value)


def test_an_answer_that_drips_is_cut_off(tsa: Stamper, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = threading.Event()

    def drip(out: Any) -> None:
        try:
            for number in range(400):  # twenty seconds of headers, each well within the wait for one
                out.write(f"X-{number}: y\r\n".encode())
                out.flush()
                time.sleep(0.05)
        except OSError:
            cut.set()

    monkeypatch.setattr(time_stamps, "_TOTAL", 0.3)
    with serving(lambda _: Reply(write=drip)) as server, pytest.raises(StampError):
        stamp(HEAD, Authority(server.url, tsa.root))
    assert cut.wait(10)


def test_a_root_that_cannot_be_read_is_told_with_its_key(tsa: Stamper, tmp_path: Path) -> None:
    with pytest.raises(StampError, match=r"evidence\.timestamp_ca: .*none\.pem cannot be read"):
        stamp(HEAD, Authority(tsa.url, tmp_path / "none.pem"))


def test_the_log_is_stamped_once_a_day(tsa: Stamper, store: Store, clock: HandClock) -> None:
    assert not stamp_when_due(store, authority(tsa), clock())  # nothing is in the log yet
    entry = logged(store, clock)
    assert stamp_when_due(store, authority(tsa), clock())
    assert not stamp_when_due(store, authority(tsa), clock())
    (row,) = rows_of(store, HeadRow)
    assert (row.seq, row.hash, row.said_in) == (entry.seq, entry.hash, "time stamp")
    assert holds(row.token, entry.hash, tsa.root)
    assert rows_of(store, AuditRow)[-1].event == "time-stamped"
    clock.wait(days=1)
    assert stamp_when_due(store, authority(tsa), clock())


def test_a_failure_is_an_incident_until_a_stamp_comes(tsa: Stamper, store: Store, clock: HandClock) -> None:
    logged(store, clock)
    tsa.answer = Response(b"", 503)
    assert not stamp_when_due(store, authority(tsa), clock())
    with store.read() as session:
        (incident,) = open_incidents(session, store.school)
        assert session.exec(select(HeadRow).where(col(HeadRow.token).is_not(None))).all() == []
    assert incident.key == INCIDENT
    assert "answered with status 503" in incident.says
    tsa.answer = None
    assert stamp_when_due(store, authority(tsa), clock())
    with store.read() as session:
        assert open_incidents(session, store.school) == []


def test_nobody_listening_is_told(store: Store, tsa: Stamper) -> None:
    with pytest.raises(StampError, match="cannot be reached"):
        stamp(HEAD, Authority("http://127.0.0.1:1/tsr", tsa.root))
