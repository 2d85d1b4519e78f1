"""What an import changes, what it refuses, and that nothing of it is stored in clear."""

import logging
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from monitor import schema
from monitor.audit import broken_at
from monitor.errors import RegisterError
from monitor.register import (
    import_register,
    load_register,
    plan_import,
)
from monitor.register_csv import read_register
from monitor.store import Store
from monitor.tables import AuditRow, ItemRow
from monitor.tables_people import FollowerRow, RegisterImportRow, RegisterRow
from monitor.vault import Vault

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
KEY = bytes(range(32))
HEADERS = "Pupil ID,Pupil Forename,Pupil Surname,Contact ID,Contact Forename,Contact Surname,Email,X handle,Restricted\n"
FAMILY = HEADERS + (
    "101,Zoë,O'Brien,9001,Grace,Smith-Jones,grace@mail.example,@GraceSJ,\n"
    "102,Mary Jane,Okafor,9002,Tom,de Souza,tom@mail.example,@tom_ds,Yes\n"
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
    opened = Store(path, Vault(KEY), school="oakwood")
    yield opened
    opened.close()


def people(text):
    return read_register(text.encode()).people


def families(*numbers):
    words = ["Ash", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Larch", "Maple", "Oak", "Pine", "Rowan", "Yew"]
    return people(
        HEADERS
        + "".join(
            f"{n},Ida{words[n % 12]},Kane,{n + 900},Una{words[n % 12]},Kane,p{n}@mail.example,,\n"
            for n in numbers
        )
    )


def test_an_empty_database_knows_nobody(store):
    assert load_register(store).full_name(("zoe", "obrien")) is None


def test_an_import_is_asked_by_the_next_process(store):
    import_register(store, people(FAMILY), NOW)
    store.close()
    again = Store(store.path, Vault(KEY), school="oakwood")
    assert load_register(again).full_name(("zoe", "obrien")) == "pupil"
    again.close()


def test_another_key_knows_nobody(store):
    import_register(store, people(FAMILY), NOW)
    other = Store(store.path, Vault(bytes(32)), school="oakwood")
    assert load_register(other).full_name(("zoe", "obrien")) is None
    other.close()


def test_another_school_knows_nobody(store):
    import_register(store, people(FAMILY), NOW)
    other = Store(store.path, Vault(KEY), school="elmfield")
    assert load_register(other).full_name(("zoe", "obrien")) is None
    other.close()


def test_the_dry_run_counts_and_writes_nothing(store):
    import_register(store, people(FAMILY), NOW)
    changed = FAMILY.replace("grace@mail", "grace2@mail") + "103,Ida,Kane,9003,Una,Kane,una@mail.example,,\n"
    reading = read_register((changed + ",,,,,,nonsense,,\n").encode())
    plan = plan_import(store, reading.people, reading.unreadable)
    assert (plan.added, plan.changed, plan.left, plan.unchanged, plan.people) == (2, 1, 0, 3, 6)
    assert dict(plan.roles) == {"parent": 3, "pupil": 3}
    assert [row.line for row in plan.unreadable] == [5]
    with store.read() as session:
        assert len(session.exec(select(RegisterImportRow)).all()) == 1
    assert load_register(store).full_name(("ida", "kane")) is None


def test_who_left_the_file_leaves_the_register_and_who_came_is_there(store):
    import_register(store, people(FAMILY), NOW)
    second = FAMILY.replace("102,Mary Jane,Okafor", "103,Ida,Kane")
    plan = import_register(store, people(second), NOW + timedelta(days=1))
    assert (plan.added, plan.changed, plan.left, plan.unchanged) == (1, 0, 1, 3)
    register = load_register(store)
    assert register.full_name(("mary", "okafor")) is None
    assert register.full_name(("ida", "kane")) == "pupil"
    assert register.handle("x", "tom_ds") is not None


def test_importing_the_same_file_again_changes_nothing(store):
    import_register(store, people(FAMILY), NOW)
    with store.read() as session:
        before = {(r.id, r.person, r.kind, r.digest) for r in session.exec(select(RegisterRow)).all()}
    plan = import_register(store, people(FAMILY), NOW)
    assert (plan.added, plan.changed, plan.left, plan.unchanged) == (0, 0, 0, 4)
    with store.read() as session:
        assert {(r.id, r.person, r.kind, r.digest) for r in session.exec(select(RegisterRow)).all()} == before


def test_a_restriction_that_is_new_is_a_change(store):
    import_register(store, people(FAMILY), NOW)
    text = FAMILY.replace("@GraceSJ,\n", "@GraceSJ,Court order\n")
    assert import_register(store, people(text), NOW).changed == 1
    register = load_register(store)
    person, _ = register.handle("x", "gracesj")
    assert register.restricted(person)


def test_a_staff_list_leaves_the_families_alone(store):
    import_register(store, people(FAMILY), NOW)
    plan = import_register(store, people("Forename,Surname,Job title\nAnn,Bell,Teacher\n"), NOW)
    assert (plan.added, plan.left) == (1, 0)
    register = load_register(store)
    assert register.full_name(("ann", "bell")) == "staff"
    assert register.full_name(("zoe", "obrien")) == "pupil"


def test_an_import_that_loses_more_than_a_fifth_asks_first(store):
    import_register(store, families(*range(10)), NOW)
    with pytest.raises(RegisterError, match=r"remove 6 of 20 people.*--confirm-shrink"):
        import_register(store, families(*range(7)), NOW)
    assert load_register(store).part_name("idaoak") == "pupil"
    assert plan_import(store, families(*range(7))).shrinks
    assert import_register(store, families(*range(7)), NOW, confirm_shrink=True).left == 6
    assert load_register(store).part_name("idaoak") is None


def test_losing_a_fifth_is_an_ordinary_summer(store):
    import_register(store, families(*range(10)), NOW)
    assert import_register(store, families(*range(8)), NOW).left == 4


def test_losing_most_of_one_role_asks_first_even_when_the_whole_hardly_shrinks(store):
    roles = "".join(f"{n},Una{'abcdefghijkl'[n]}x,Kane,staff\n" for n in range(12))
    parents = "".join(f"{n + 50},Ida{chr(97 + n // 26)}{chr(97 + n % 26)},Hale,parent\n" for n in range(90))
    import_register(store, people("ID,Forename,Surname,Role\n" + roles + parents), NOW)
    fewer = people("ID,Forename,Surname,Role\n" + "".join(roles.splitlines(keepends=True)[:3]) + parents)
    with pytest.raises(RegisterError, match="--confirm-shrink"):
        import_register(store, fewer, NOW)


def test_a_small_register_may_shrink(store):
    import_register(store, families(*range(4)), NOW)
    assert import_register(store, families(0), NOW).left == 6


def test_importing_nobody_is_refused(store):
    with pytest.raises(RegisterError, match="nobody to import"):
        import_register(store, (), NOW)


def test_an_import_is_in_the_audit_with_counts_only(store):
    import_register(store, people(FAMILY), NOW)
    with store.read() as session:
        rows = session.exec(select(AuditRow)).all()
        (made,) = session.exec(select(RegisterImportRow)).all()
    assert [(row.actor, row.event, row.thing, row.detail) for row in rows] == [
        ("office", "register.imported", "import 1", "4 people: 4 added, 0 changed, 0 left")
    ]
    assert broken_at(rows) is None
    assert (made.people, made.added, made.imported_at) == (4, 4, NOW)


@pytest.mark.parametrize(
    ("state", "again"),
    [
        ("new", True),
        ("claimed", True),
        ("unverified", True),
        ("organisation", True),
        ("verified", True),  # whoever was verified may have left
        ("rejected", False),
        ("left", False),
    ],
)
def test_an_import_has_the_followers_judged_again_but_not_what_is_settled(store, state, again):
    names = {"school_id": "oakwood", "account": "a", "network": "x", "external_id": "1"}
    with store.write() as session:
        item = ItemRow(**names, kind="follower", target_id="1", sealed=b"", digest=b"", seen_at=NOW)
        session.add(item)
        session.flush()
        session.add(FollowerRow(**names, item_id=item.id, state=state, first_seen_at=NOW, verified_at=NOW))
    import_register(store, people(FAMILY), NOW)
    with store.read() as session:
        assert (session.exec(select(FollowerRow)).one().verified_at is None) is again


def test_an_import_that_fails_half_way_leaves_everything_as_it_was(store):
    import_register(store, people(FAMILY), NOW)
    with store.write() as session:
        session.connection().exec_driver_sql(
            "CREATE TRIGGER no_audit BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
        )
    with pytest.raises(Exception, match="disk is full"):
        import_register(store, people(FAMILY.replace("Zoë", "Ida")), NOW)
    assert load_register(store).full_name(("zoe", "obrien")) == "pupil"
    assert load_register(store).full_name(("ida", "obrien")) is None


# five letters and more: shorter ones turn up by chance among hashes, or in SQL
PLANTED = [
    *(
        "brien",
        "okafor",
        "grace",
        "smith",
        "jones",
        "souza",
        "gracesj",
        "tom_ds",
        "mail.example",
        "contact-77123",
    ),
    *("court order",),
]


def test_nothing_in_clear_is_in_the_database_its_wal_its_backup_or_the_log(store, tmp_path, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    text = FAMILY.replace("9001", "CONTACT-77123").replace(",Yes", ",court order")
    import_register(store, people(text), NOW)
    import_register(store, people(text.replace("tom@", "tom2@")), NOW)
    store.backup(tmp_path / "backup.db")
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {"schoolgate.db", "schoolgate.db-wal", "backup.db"} <= written.keys()
    copy = sqlite3.connect(tmp_path / "backup.db")
    assert copy.execute("SELECT count(*) FROM register_entry").fetchone()[0] > 10
    copy.close()
    printed = caplog.text + "".join(capfd.readouterr())
    seen = b"\n".join(written.values()) + printed.encode()
    for word in PLANTED:
        for form in {word, word.upper(), word.title()}:
            for encoding in ("utf-8", "utf-16-le"):
                assert form.encode(encoding) not in seen, form
