"""Who gets a letter, and who stands in it."""

from __future__ import annotations

from monitor.families import Families, families_of
from monitor.register_csv import read_register
from monitor.register_hashes import HashedRegister, entries_of, person_id
from monitor.vault import Vault

HEAD = (
    "Pupil ID,Pupil Forename,Pupil Surname,Class,Contact 1 ID,Contact 1 Forename,Contact 1 Surname,Contact 1 Email,"
    "Contact 1 Restricted,Contact 2 ID,Contact 2 Forename,Contact 2 Surname,Contact 2 Email,Contact 2 Restricted\n"
)
GRACE, DAN = "C1,Grace,Okafor,grace@mail.example,", "C2,Dan,Okafor,dan@mail.example,"
NOBODY = ",,,,"
DIGEST = Vault(bytes(range(32))).digest


def families(*rows: str, head: str = HEAD, records: str | None = None) -> Families:
    """Of these rows; `records`: what was imported, the same file unless told."""
    reading = read_register((head + "\n".join(rows)).encode())
    known = reading if records is None else read_register(records.encode())
    register = HashedRegister(entries_of(known.people, DIGEST), DIGEST)
    return families_of(reading, register, DIGEST)


def test_brothers_and_sisters_share_a_letter():
    found = families(f"P1,Amelia,Okafor,4B,{GRACE},{DAN}", f"P2,Ben,Okafor,2D,{GRACE},{DAN}")
    (one,) = found.all
    assert one.pupils == (("Ben Okafor", "2D"), ("Amelia Okafor", "4B"))
    assert one.contacts == (("Dan Okafor", "dan@mail.example"), ("Grace Okafor", "grace@mail.example"))
    assert (found.contacts, found.without_email, found.strangers) == (2, 0, 0)
    assert len(one.people) == 4
    assert len(one.known_by) == 2


def test_children_with_other_contacts_stand_in_another_letter():
    """Dan is not told of Eve."""
    found = families(
        f"P1,Amelia,Okafor,4B,{GRACE},{DAN}", f"P5,Eve,Marsh,3C,{GRACE},C6,Al,Marsh,al@mail.example,"
    )
    assert [[name for name, _ in one.pupils] for one in found.all] == [["Eve Marsh"], ["Amelia Okafor"]]
    assert not found.all[0].known_by & found.all[1].known_by
    assert found.contacts == 4


def test_a_restricted_contact_gets_none_and_stands_in_none():
    found = families(
        f"P1,Amelia,Okafor,4B,{GRACE},{DAN}Yes",
        f"P6,Finn,Lone,3C,C7,Ken,Lone,ken@mail.example,Yes,{NOBODY}",
    )
    (one,) = found.all
    assert one.contacts == (("Grace Okafor", "grace@mail.example"),)
    assert (found.restricted, found.without_contact) == (2, 1)
    reading = read_register((HEAD + f"P1,Amelia,Okafor,4B,{GRACE},{DAN}Yes").encode())
    dan = next(person for person in reading.people if person.called == "Dan Okafor")
    assert person_id(DIGEST, dan) not in one.people


def test_who_is_restricted_in_one_row_is_so_in_all():
    found = families(f"P1,Amelia,Okafor,4B,{GRACE},{DAN}Yes", f"P2,Ben,Okafor,2D,{GRACE},{DAN}")
    assert [one.contacts for one in found.all] == [(("Grace Okafor", "grace@mail.example"),)]


def test_who_shares_an_address_with_a_restricted_contact_gets_none():
    shared = "C2,Dan,Okafor,grace@mail.example,Yes"
    found = families(f"P1,Amelia,Okafor,4B,{GRACE},{shared}")
    assert found.all == ()
    assert (found.restricted, found.without_contact) == (2, 1)
    row = f"P1,Amelia,Okafor,4B,{GRACE},{shared}"
    assert families(row, records=HEAD + row.removesuffix("Yes")).all == ()  # newer than the last import


def test_a_restriction_of_the_last_import_counts_too():
    row = f"P1,Amelia,Okafor,4B,{GRACE},{DAN}"
    (one,) = families(row, records=f"{HEAD}{row}Yes").all
    assert one.contacts == (("Grace Okafor", "grace@mail.example"),)


def test_a_restricted_pupil_is_left_to_the_office():
    head = HEAD.replace("Class", "Pupil Court Order")
    found = families(f"P1,Amelia,Okafor,Yes,{GRACE},{DAN}", head=head)
    assert (found.all, found.restricted_pupils, found.restricted) == ((), 1, 0)


def test_contacts_without_an_address_are_counted_and_get_a_letter():
    found = families(f"P4,Dev,Reed,10A,C5,Una,Reed,,,{NOBODY}")
    assert found.all[0].contacts == (("Una Reed", ""),)
    assert (found.without_email, found.strangers) == (1, 0)


def test_an_address_that_was_not_imported_is_a_stranger_s():
    row = f"P1,Amelia,Okafor,4B,{GRACE},{DAN}"
    found = families(row, records=HEAD + row.replace("dan@", "d.okafor@"))
    assert found.strangers == 1


def test_who_was_imported_from_another_report_is_known_by_the_address():
    records = "Contact Forename,Contact Surname,Email\nGrace,Okafor,grace@mail.example\n"
    (one,) = families(f"P1,Amelia,Okafor,4B,{GRACE},{NOBODY}", records=records).all
    register = HashedRegister(entries_of(read_register(records.encode()).people, DIGEST), DIGEST)
    known = register.email("grace@mail.example")
    assert known
    assert known[0] in one.people


def test_a_list_of_contacts_alone_is_a_letter_for_each_household():
    head = "Contact ID,Contact Forename,Contact Surname,Email\n"
    found = families(
        "1,Ada,Birch,birches@mail.example", "2,Ben,Birch,birches@mail.example", "3,Cy,Ash,cy@mail.example", head=head
    )  # fmt: skip
    assert [[name for name, _ in one.contacts] for one in found.all] == [
        ["Cy Ash"],
        ["Ada Birch", "Ben Birch"],
    ]
    assert all(one.known_by == one.people for one in found.all)


def test_staff_get_no_letter():
    head = "Staff Forename,Staff Surname,Email,Job Title\n"
    assert families("Noor,Vale,noor@school.example,Teacher", head=head).all == ()


def test_letters_lie_in_the_order_of_the_classes():
    rows = [
        f"P{number},Kim,{name},{form},C{number}0,Lee,{name},,,{NOBODY}"
        for number, (name, form) in enumerate(
            [("Ash", "10A"), ("Birch", "4B"), ("Ash", "4B"), ("Cole", "RO")], 1
        )
    ]
    assert [one.pupils[0] for one in families(*rows).all] == [
        ("Kim Cole", "RO"), ("Kim Ash", "4B"), ("Kim Birch", "4B"), ("Kim Ash", "10A"),
    ]  # fmt: skip


def test_year_and_class_are_said_once_and_people_are_called_what_they_are_called():
    head = HEAD.replace("Class,", "Year,Reg,Pupil Preferred Forename,Pupil Middle Names,").replace(
        "Contact 1 Forename", "Contact 1 Name"
    )
    head = head.replace("Contact 1 Surname,", "")
    row = "P1,Amelia,Okafor,4,4B,Milly,Jane,C1,Mrs Grace Okafor,grace@mail.example,,C2,Dan,Okafor,,"
    (one,) = families(row, head=head).all
    assert one.pupils == (("Milly Okafor", "4B"),)
    assert [name for name, _ in one.contacts] == ["Dan Okafor", "Grace Okafor"]


def test_no_name_shows_in_a_repr():
    (one,) = families(f"P1,Amelia,Okafor,4B,{GRACE},{DAN}").all
    assert "Okafor" not in repr(one)
    assert "grace" not in repr(one)
