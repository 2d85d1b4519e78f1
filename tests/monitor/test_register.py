"""What the register answers, and to whom it says nothing."""

import pytest

from monitor.errors import RegisterError
from monitor.register import read_file, register_from_csv, register_of
from monitor.register_csv import read_register
from monitor.register_people import Person

HEADERS = "Pupil ID,Pupil Forename,Pupil Surname,Contact ID,Contact Forename,Contact Surname,Email,X handle,Restricted\n"
FAMILY = HEADERS + (
    "101,Zoë,O'Brien,9001,Grace,Smith-Jones,grace@mail.example,@GraceSJ,\n"
    "102,Mary Jane,Okafor,9002,Tom,de Souza,tom@mail.example,@tom_ds,Yes\n"
)


def people(text):
    return read_register(text.encode()).people


def test_a_full_name_is_known_in_either_order_and_a_stranger_is_not():
    register = register_of(people(FAMILY))
    assert register.full_name(("zoe", "obrien")) == "pupil"
    assert register.full_name(("obrien", "zoe")) == "pupil"
    assert register.full_name(("grace", "smith", "jones")) == "parent"
    assert register.full_name(("smithjones", "grace")) == "parent"
    assert register.full_name(("mary", "jane", "okafor")) == "pupil"
    assert register.full_name(("mary", "okafor")) == "pupil"
    assert register.full_name(("zoe", "okafor")) is None
    assert register.full_name(("obrien",)) is None
    assert register.full_name(()) is None


def test_a_letter_that_a_reader_left_whole_is_the_same_name():
    register = register_of(people("Pupil Forename,Pupil Surname\nÆnid,Straßer\n"))
    assert register.full_name(("ænid", "straßer")) == "pupil"
    assert register.full_name(("aenid", "strasser")) == "pupil"
    assert register.part_name("straßer") == "pupil"


def test_a_part_of_a_name_is_known_and_a_particle_is_not():
    register = register_of(people(FAMILY))
    assert register.part_name("zoe") == "pupil"
    assert register.part_name("jones") == "parent"
    assert register.part_name("souza") == "parent"
    assert register.part_name("de") is None
    assert register.part_name("jane") is None


def test_a_name_that_a_pupil_shares_is_the_pupils():
    text = "Name,Role\nAlex Kane,parent\nAlex Kane,pupil\nAlex Kane,staff\n"
    assert register_of(people(text)).full_name(("alex", "kane")) == "pupil"


def test_a_restricted_parents_name_does_not_hide_the_pupils():
    text = HEADERS + "1,Alex,Kane,9001,Alex,Kane,a@mail.example,,court order\n"
    for order in (people(text), people(text)[::-1]):
        register = register_of(order)
        assert register.full_name(("alex", "kane")) == "pupil"
        assert register.part_name("kane") == "pupil"


def test_a_handle_is_known_on_its_network_only():
    register = register_of(people(FAMILY))
    known = register.handle("x", "@gracesj")
    assert known is not None
    assert known[1] == "parent"
    assert register.handle("x", "GRACESJ") == known
    assert register.handle("facebook", "gracesj") is None
    assert register.handle("x", "no handle at all") is None


def test_a_handle_that_a_restricted_person_shares_is_theirs():
    text = HEADERS + (
        "1,Ida,Kane,9001,Grace,Kane,g@mail.example,@home,\n1,Ida,Kane,9002,Tom,Hale,t@mail.example,@home,Y\n"
    )
    for order in (people(text), people(text)[::-1]):
        register = register_of(order)
        person, _ = register.handle("x", "home")
        assert register.restricted(person)


def test_a_file_becomes_a_register_in_memory(tmp_path):
    path = tmp_path / "contacts.csv"
    path.write_text(FAMILY, encoding="cp1252")
    assert register_from_csv(path).full_name(("zoe", "obrien")) == "pupil"


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(RegisterError, match=r"nothing\.csv cannot be read"):
        read_file(tmp_path / "nothing.csv")
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(RegisterError, match=r"^book.xlsx: this is an Excel"):
        read_file(tmp_path / "book.xlsx")


def test_a_misspelt_name_of_a_pupil_is_known_and_of_nobody_else() -> None:
    register = register_of(
        [
            Person("1", "pupil", {("Maisie", "Thornbury")}),
            Person("2", "parent", {("Dorothy", "Wexcombe")}),
        ]
    )
    for given, family in (
        ("maisie", "thornbry"),
        ("maise", "thornbury"),
        ("maisie", "thornburry"),
        ("maisie", "thronbury"),
        ("maisie", "thornbary"),
    ):
        assert register.near_name(given, family) == "pupil", (given, family)
    assert register.near_name("maise", "thornbry") is None
    assert register.near_name("maisie", "thorn") is None
    assert register.near_name("dorothy", "wexcomb") is None


def test_of_a_short_part_no_letter_may_be_wrong() -> None:
    register = register_of([Person("1", "pupil", {("Guy", "Lee")})])
    assert register.near_name("guy", "le") is None
    assert register.near_name("gu", "lee") is None


def test_a_name_run_together_is_known_in_either_order_and_nothing_else_is() -> None:
    register = register_of(
        [Person("1", "pupil", {("Amelia Rose", "Smith-Jones")}), Person("2", "staff", {("Guy", "O")})]
    )
    for joined in ("ameliasmithjones", "smithjonesamelia", "ameliarosesmithjones"):
        assert register.joined_name(joined) == "pupil"
    for other in ("amelia", "smithjones", "ameliasmith", "guyo", "oguy"):
        assert register.joined_name(other) is None
