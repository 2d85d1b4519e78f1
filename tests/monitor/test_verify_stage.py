"""The verify stage: rows in, judged rows out, in one transaction each batch."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from monitor import claim_rows, schema
from monitor.claims import Way
from monitor.register import import_register, load_register
from monitor.register_csv import read_register
from monitor.store import Store
from monitor.tables import FindingRow, ItemRow
from monitor.tables_people import ClaimRow, FollowerRow
from monitor.vault import Vault
from monitor.verify_stage import School, verify

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
FAMILY = (
    "Contact ID,Contact Forename,Contact Surname,Email,X handle,Facebook,Restricted\n"
    "9001,Grace,Okafor,grace@mail.example,@GraceOk,,\n"
    "9002,Tom,Hale,tom@mail.example,@tom_hale,tom.hale,Yes\n"
)
PEOPLE = read_register(FAMILY.encode()).people
SCHOOL = School(
    name="St Mary's Primary School",
    handles=("StMarysBexhill",),
    organisations={"@EduDept": "the Department for Education"},
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    path = tmp_path_factory.mktemp("empty") / "schoolgate.db"
    schema.upgrade(path)
    return path


@pytest.fixture
def store(tmp_path, empty):
    path = tmp_path / "schoolgate.db"
    shutil.copy(empty, path)
    opened = Store(path, Vault(bytes(range(32))), school="oakwood")
    yield opened
    opened.close()


def follow(store, number, handle, *, state="new", bio="", pruned=False):
    author = {"external_id": str(number), "handle": handle, "name": "", "bio": bio}
    sealed = store.vault.seal_json(
        {"text": "", "author": author, "url": None, "raw": {}, "has_media": False}, "item.sealed"
    )
    names = {"school_id": "oakwood", "account": "x-main", "network": "x", "external_id": str(number)}
    with store.write() as session:
        item = ItemRow(
            **names,
            kind="follower",
            target_id=str(number),
            sealed=b"" if pruned else sealed,
            pruned_at=NOW if pruned else None,
            digest=b"",
            seen_at=NOW,
        )
        session.add(item)
        session.flush()
        session.add(FollowerRow(**names, item_id=item.id, state=state, first_seen_at=NOW))


def states(store):
    with store.read() as session:
        rows = session.exec(select(FollowerRow).order_by(FollowerRow.id)).all()
    return [row.state for row in rows]


def run(store, on_findings=None, school=SCHOOL, **options):
    return verify(store, load_register(store), LATER, school=school, on_findings=on_findings, **options)


def test_every_waiting_follower_is_judged_once(store):
    import_register(store, PEOPLE, NOW)
    for number, handle in enumerate(["GraceOk", "nobody_known", "tom_hale", "EduDept", None]):
        follow(store, number, handle)
    assert run(store, batch=2) == 5
    assert states(store) == ["claimed", "unverified", "unverified", "organisation", "unverified"]
    with store.read() as session:
        rows = session.exec(select(FollowerRow)).all()
    assert {row.verified_at for row in rows} == {LATER}
    assert [row.role for row in rows] == ["parent", None, None, None, None]
    assert run(store) == 0


def test_a_new_register_changes_what_was_judged(store):
    follow(store, 1, "GraceOk")
    run(store)
    assert states(store) == ["unverified"]
    import_register(store, PEOPLE, NOW)
    assert run(store) == 1
    assert states(store) == ["claimed"]
    import_register(store, read_register(FAMILY.replace("@GraceOk,,", "@GraceOk,,yes").encode()).people, NOW)
    run(store)
    assert states(store) == ["unverified"]
    with store.read() as session:
        assert session.exec(select(FollowerRow)).one().person is None


@pytest.mark.parametrize("state", ["rejected", "left"])
def test_what_is_settled_stays(store, state):
    follow(store, 1, "GraceOk", state=state)
    assert run(store) == 1
    assert states(store) == [state]


def test_nobody_is_verified_without_a_proof(store):
    import_register(store, PEOPLE, NOW)
    follow(store, 1, "GraceOk", state="verified")
    follow(store, 2, "nobody_known", state="verified")
    run(store)
    assert states(store) == ["claimed", "unverified"]


def test_a_pruned_follower_stops_nobody(store):
    follow(store, 1, "GraceOk", pruned=True)
    assert run(store) == 1
    assert states(store) == ["unverified"]


def test_another_schools_followers_are_left_to_it(store):
    follow(store, 1, "GraceOk")
    other = Store(store.path, store.vault, school="elmfield")
    assert run(other) == 0
    other.close()


def test_findings_go_out_in_the_same_transaction_and_once(store):
    follow(store, 1, "stmarysbexhi11", bio="I'm 10")
    follow(store, 2, "graceok")
    told = []

    def keep(session, item, findings):
        for f in findings:
            told.append((item.external_id, f.category))
            session.add(
                FindingRow(
                    school_id=item.school_id,
                    item_id=item.id,
                    category=f.category,
                    severity=int(f.severity),
                    detector=f.detector,
                    reason=f.reason,
                    start=f.span[0],
                    end=f.span[1],
                )
            )

    def broken(session, item, findings):
        keep(session, item, findings)
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        run(store, broken)
    assert states(store) == ["new", "new"]
    told.clear()
    assert run(store, keep) == 2
    assert told == [("1", "impersonation"), ("1", "underage")]
    import_register(store, PEOPLE, NOW)
    assert run(store, keep) == 2
    assert len(told) == 2


def hints(store):
    with store.read() as session:
        return [row.possible for row in session.exec(select(FollowerRow).order_by(FollowerRow.id))]


def test_a_name_that_resembles_one_on_the_records_is_a_hint_that_changes_nothing(store):
    import_register(store, PEOPLE, NOW)
    for number, handle in enumerate(["grace_okafor", "tom_hale_84", "GraceOk", "nobody_known"]):
        follow(store, number, handle)
    school = replace(SCHOOL, compare_names="all")
    assert run(store, school=school) == 4
    assert hints(store) == ["parent", "", "", ""]  # Tom Hale is restricted; GraceOk is claimed already
    assert states(store) == ["unverified", "unverified", "claimed", "unverified"]
    with store.read() as session:
        row = session.exec(select(FollowerRow)).first()
    assert (row.reason, row.person, row.role) == ("not on the register", None, None)

    import_register(store, read_register(FAMILY.replace("Okafor", "Adeyemi").encode()).people, LATER)
    assert run(store, school=school) == 4
    assert hints(store) == ["", "", "", ""]


@pytest.mark.parametrize(
    ("compare", "hinted"), [("claimed", ["parent", ""]), ("all", ["parent", "parent"]), ("off", ["", ""])]
)
def test_names_are_compared_only_as_far_as_the_school_has_agreed_to(store, clock, compare, hinted):
    import_register(store, PEOPLE, NOW)
    follow(store, 1, "grace_okafor")
    follow(store, 2, "okafor_grace")
    with store.write() as session:
        claim_rows.ask(
            store,
            session,
            network="x",
            handle="grace_okafor",
            address="stranger@mail.example",
            way=Way.PAGE,
            now=NOW,
        )
        row = session.exec(select(ClaimRow)).one()
        row.considered_at, row.standing = NOW, "unmatched"
    run(store, school=replace(SCHOOL, compare_names=compare))
    assert hints(store) == hinted


def test_look_alikes_of_head_and_staff_are_found_and_staff_may_be_who_they_are(store):
    staff = "Staff ID,Forename,Surname,Email,X handle,Role\n71,Imogen,Trelease,it@a.example,@ms_trelease,Teacher\n"
    import_register(store, read_register(staff.encode()).people, NOW)
    bios = {
        "ms_tre1ease": "",
        "ms_trelease": "Head of St Mary's Primary School",
        "asha_quill": "",
        "zz": "born 2015",
    }
    for number, (handle, bio) in enumerate(bios.items()):
        follow(store, number, handle, bio=bio)
    found = []
    verify(
        store,
        load_register(store),
        LATER,
        school=School("St Mary's Primary School", ("StMarysBexhill",), head="Mrs Asha Quill"),
        on_findings=lambda _session, _item, findings: found.extend(one.detector for one in findings),
    )
    assert found == ["follower.staff", "follower.head", "follower.class"]
