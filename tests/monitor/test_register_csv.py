"""What offices really export, and what they save by mistake."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.errors import RegisterError
from monitor.register_csv import read_register

PARENTMAIL = (
    "StudentForename,StudentSurname,StudentID,Year,Reg,DOB,Gender,Relationship,Title,ContactForename,ContactSurname,"
    "ContactID,PrimaryEmail,MobileNumber,HouseName,HouseNumber,Street,District,Town,County,Postcode,Priority\n"
    "Amelia,Okafor,101,5,5B,01/02/2016,F,Mother,Mrs,Grace,Okafor,9001,grace@mail.example,07700 900001,The Elms,1,"
    "High Street,,Bexhill,,TN39 1AA,1\n"
    "Amelia,Okafor,101,5,5B,01/02/2016,F,Father,Mr,Tom,Hale,9002,tom@mail.example,07700 900002,,,,,,,,2\n"
)
SCHOOLBOOKING = (
    "ID, Forename, Surname, ID, (Contact) Priority, Parental responsibility (T/F), Lives with Pupil, Title, Forename,"
    " Surname, (Contact) Home Email, Main Telephone, Primary Email, Mobile number\n"
    "7,Amelia,Okafor,77,1,T,T,Mrs,Grace,Okafor,home@mail.example,020 7946 0001,grace@mail.example,07700 900001\n"
)
SIMS = (
    "Contact list of Oakwood Primary School\n\n"
    "Admission No,UPN,Legal Surname,Legal Forename,Preferred Surname,Preferred Forename,Year Group,Reg Group,"
    "Parental Salutation,Contact 1 Forename,Contact 1 Surname,Contact 1 Home Email,"
    "Contact 2 Forename,Contact 2 Surname,Contact 2 Home Email\n"
    "12,A123,Okafor,Amelia,,Millie,Year 5,5B,Mrs Okafor,Grace,Okafor,grace@mail.example,Tom,Hale,tom@mail.example\n"
)
BROMCOM = (
    "Person ID;PreferredFirstName;PreferredLastName;FirstName;LastName;Prefix;Relationship;Contact Priority;"
    "Parental Responsibility;Court Order Restricted Access;Email\n"
    "9002;Tom;Hale;Thomas;Hale;Mr;Father;1;Yes;Yes;tom@mail.example\n"
)
ARBOR = (
    "Student Name,UPN,Guardian Name,Guardian Email Address (default),Twitter handle\n"
    '"Okafor, Amelia",A123,Mrs Grace Okafor,grace@mail.example,@GraceOk\n'
)
STAFF = (
    "Forename\tSurname\tWork e-mail\tJob title\n"
    "Ann\tBell\tann@school.example\tClass teacher\n"
    "Bo\tLi\tbo@school.example\tParent governor\n"
)


def told(text: str | bytes, mapping: dict[str, str] | None = None) -> list[tuple[str, set, set, set]]:
    data = text if isinstance(text, bytes) else text.encode()
    return [(p.role, p.names, p.emails, p.handles) for p in read_register(data, mapping).people]


AMELIA = ("pupil", {("Amelia", "Okafor")}, set(), set())
GRACE = ("parent", {("Grace", "Okafor")}, {"grace@mail.example"}, set())
TOM = ("parent", {("Tom", "Hale")}, {"tom@mail.example"}, set())


def test_parentmail_has_one_row_a_contact_and_one_pupil_for_both():
    assert told(PARENTMAIL) == [AMELIA, GRACE, TOM]


def test_duplicate_headers_are_read_by_occurrence_pupil_first():
    assert told(SCHOOLBOOKING) == [
        AMELIA,
        ("parent", {("Grace", "Okafor")}, {"grace@mail.example", "home@mail.example"}, set()),
    ]


def test_sims_has_one_row_a_pupil_with_several_contacts_under_a_title_line():
    pupil, *contacts = told(SIMS)
    assert pupil[1] == {("Amelia", "Okafor"), ("Millie", "Okafor"), ("Millie", "")}
    assert contacts == [GRACE, TOM]


def test_bromcom_tells_whom_a_court_restricts():
    (person,) = read_register(BROMCOM.encode()).people
    assert person.restricted
    assert person.names == {("Thomas", "Hale"), ("Tom", "Hale"), ("Tom", "")}


@pytest.mark.parametrize(
    ("says", "restricted"),
    [("No", False), ("", False), ("f", False), ("0", False), ("Y", True), ("see file", True), ("✓", True)],
)
def test_anything_but_a_no_restricts(says, restricted):
    (person,) = read_register(BROMCOM.replace("Yes;Yes;", f"Yes;{says};").encode()).people
    assert person.restricted is restricted


def test_a_restriction_on_one_row_holds_for_the_person_on_every_row():
    row = "9002;Tom;Hale;Thomas;Hale;Mr;Father;1;Yes;{};tom@mail.example\n"
    headers = BROMCOM.partition("\n")[0] + "\n"
    for marks in (["Yes", ""], ["", "Yes"]):
        (person,) = read_register((headers + "".join(row.format(mark) for mark in marks)).encode()).people
        assert person.restricted


def test_staff_rows_in_a_contacts_file_are_staff():
    text = (
        "Role,StudentForename,StudentSurname,StudentID,ContactForename,ContactSurname,ContactID,PrimaryEmail\n"
        "Parent,Amelia,Okafor,101,Grace,Okafor,9001,grace@mail.example\n"
        "Staff,,,,Ann,Bell,3001,ann@school.example\n"
    )
    assert sorted(found[0] for found in told(text)) == ["parent", "pupil", "staff"]


def test_arbor_names_in_one_cell_and_a_handle_beside_the_contact():
    assert told(ARBOR) == [
        AMELIA,
        ("parent", {("Grace", "Okafor")}, {"grace@mail.example"}, {("x", "graceok")}),
    ]


def test_a_staff_list_knows_its_governors():
    assert [(role, names) for role, names, _, _ in told(STAFF)] == [
        ("staff", {("Ann", "Bell")}),
        ("governor", {("Bo", "Li")}),
    ]


def test_unnumbered_contact_columns_begin_a_new_contact_when_they_repeat():
    text = (
        "Pupil Forename,Pupil Surname,Contact Forename,Contact Surname,Email,Contact Forename,Contact Surname,Email\n"
        "Amelia,Okafor,Grace,Okafor,grace@mail.example,Tom,Hale,tom@mail.example\n"
    )
    assert told(text) == [AMELIA, GRACE, TOM]


def test_two_parents_with_one_address_stay_two_people():
    text = "Forename,Surname,Email\nGrace,Okafor,home@mail.example\nTom,Hale,home@mail.example\n"
    assert len(told(text)) == 2


def test_a_parent_of_two_pupils_is_one_person():
    text = PARENTMAIL + "Noah,Okafor,102,2,2A,,M,Mother,Mrs,Grace,Okafor,9001,grace@mail.example,,,,,,,,,1\n"
    assert [p[0] for p in told(text)] == ["pupil", "parent", "parent", "pupil"]


def test_the_preview_says_which_header_was_read_as_what_and_nothing_else_is_read():
    columns = dict(read_register(PARENTMAIL.encode()).columns)
    assert columns == {
        "StudentForename": "pupil forename",
        "StudentSurname": "pupil surname",
        "StudentID": "pupil id",
        "ContactForename": "contact 1 forename",
        "ContactSurname": "contact 1 surname",
        "ContactID": "contact 1 id",
        "PrimaryEmail": "contact 1 email",
    }


@pytest.mark.parametrize(
    "header",
    [
        "Twitter handle",
        "X handle",
        "Twitter",
        "X username",
        "Social media handle",
        "X",
        "Contact Twitter/X handle",
    ],
)
def test_a_handle_column_counts_for_x(header):
    text = (
        f"Contact ID,Contact Forename,Contact Surname,{header}\n1,Grace,Okafor,https://x.com/GraceOk?s=20\n"
    )
    assert told(text)[0][3] == {("x", "graceok")}


def test_a_facebook_column_and_a_facebook_address_count_for_facebook():
    text = "Forename,Surname,Facebook,Social media\nGrace,Okafor,Grace.Okafor.9,https://www.facebook.com/grace.o2/\n"
    assert told(text)[0][3] == {("facebook", "graceokafor9"), ("facebook", "graceo2")}


@pytest.mark.parametrize(
    ("header", "row", "people"),
    [
        ("Pupil Name,Parent Name 1,Parent Email 1,Parent Name 2,Parent Email 2",
         "Amelia Okafor,Grace Okafor,grace@mail.example,Tom Hale,tom@mail.example", [AMELIA, GRACE, TOM]),
        ("Mother’s Name,Mother’s Email,Father’s Name,Father’s Email,Child’s Name",
         "Grace Okafor,grace@mail.example,Tom Hale,tom@mail.example,Amelia Okafor", [GRACE, TOM, AMELIA]),
        ("Adno,Forename,Surname,Year,Contact1 Name,Contact1 Email",
         "1,Amelia,Okafor,5,Mrs Grace Okafor,grace@mail.example", [AMELIA, GRACE]),
        ("Student ID,First Name,Last Name,Parent Email 1,Parent Email 2", "1,Amelia,Okafor,g@mail.example,t@mail.example",
         [AMELIA, ("parent", set(), {"g@mail.example"}, set()), ("parent", set(), {"t@mail.example"}, set())]),
        ("first_name,last_name,email_address,Contact Number", "Grace,Okafor,grace@mail.example,020 7946 0002", [GRACE]),
        ("Forename,Surname,Is Staff,Email", "Grace,Okafor,N,grace@mail.example", [GRACE]),
        ("Title,Forename,Surname,Staff Code", "Mrs,Ann,Bell,ABE", [("staff", {("Ann", "Bell")}, set(), set())]),
        ("Name,Role,Forename of pet", "Ann Bell,Governor,Rex", [("governor", {("Ann", "Bell")}, set(), set())]),
    ],
)  # fmt: skip
def test_reports_that_schools_build_themselves_are_read(header, row, people):
    assert told(f"{header}\n{row}\n") == people


@pytest.mark.parametrize(
    ("header", "restricted"),
    [("Court order in place", True), ("Access restrictions", True), ("Dietary restrictions", False)],
)
def test_a_column_of_restrictions_is_honoured_and_a_diet_is_none(header, restricted):
    (person,) = read_register(f"Contact Name,Contact Email,{header}\nTom Hale,,see file\n".encode()).people
    assert person.restricted is restricted


ENCODINGS = ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_whatever_excel_saved_is_read(encoding, delimiter, ending):
    text = ending.join(
        [
            delimiter.join(["Forename", "Surname", "Email"]),
            delimiter.join(["Zoë", "Müller", "zoe@mail.example"]),
            "",
        ]
    )
    assert told(text.encode(encoding)) == [("parent", {("Zoë", "Müller")}, {"zoe@mail.example"}, set())]


def test_excels_own_separator_line_is_no_header():
    assert told("sep=;\nForename;Surname;Email\nGrace;Okafor;grace@mail.example\n") == [GRACE]


def test_a_title_that_reads_like_a_header_is_none_beside_the_real_one():
    assert told("Parents,,\n\nForename,Surname,Email\nGrace,Okafor,grace@mail.example\n") == [GRACE]


def test_a_quoted_line_end_stays_in_its_cell_and_lines_are_counted_in_the_file():
    text = 'Forename,Surname,Notes,Email\nGrace,Okafor,"two\nlines",grace@mail.example\n,,,nobody\n'
    reading = read_register(text.encode())
    assert [p.emails for p in reading.people] == [{"grace@mail.example"}]
    assert [row.line for row in reading.unreadable] == [4]


def test_a_quotation_mark_that_is_never_closed_costs_one_line():
    text = 'Forename,Surname,Email\n"Ida,Lost,ida@mail.example\nGrace,Okafor,grace@mail.example\nTom,Hale,tom@mail.example\n'
    reading = read_register(text.encode())
    assert [p.emails for p in reading.people] == [{"grace@mail.example"}, {"tom@mail.example"}]
    assert [(row.line, "quotation mark" in row.reason) for row in reading.unreadable] == [(2, True)]


def test_two_stray_quotation_marks_do_not_swallow_the_rows_between_them():
    text = 'Forename,Surname,Email\n"Ida,Lost,i@mail.example\nGrace,Okafor,grace@mail.example\n"Bo,Lost,b@mail.example\n'
    reading = read_register(text.encode())
    assert [p.emails for p in reading.people] == [{"grace@mail.example"}]
    assert [row.line for row in reading.unreadable] == [2, 4]


@pytest.mark.parametrize(
    "row",
    [
        "Secretname,Extra,secret@mail.example,one,two",
        "=HYPERLINK(Secretname),Okafor,",
        "Secretname" * 20 + ",Okafor,",
        "12345,!!!,",
        "S,,",
        ",,secret at mail.example",
        ",,secret@localhost",
        "Secretname," + "x" * 10_001 + ",",
        "Secretname," + "x" * 200_000 + ",",
    ],
)
def test_an_unreadable_row_is_told_by_line_and_reason_and_never_by_what_it_holds(row):
    text = f"Forename,Surname,Email\nGrace,Okafor,grace@mail.example\n{row}\nTom,Hale,tom@mail.example\n"
    reading = read_register(text.encode())
    assert [p.emails for p in reading.people] == [{"grace@mail.example"}, {"tom@mail.example"}]
    assert [found.line for found in reading.unreadable] == [3]
    assert "secret" not in repr(reading.unreadable).lower()


def test_a_wrong_address_leaves_the_rest_of_its_row():
    reading = read_register(b"Forename,Surname,Email\nGrace,Okafor,grace@mail\n")
    assert reading.people[0].names == {("Grace", "Okafor")}
    assert "the rest of the row was read" in reading.unreadable[0].reason


def test_nothing_in_clear_is_in_what_a_person_prints():
    reading = read_register(PARENTMAIL.encode())
    assert "Okafor" not in repr(reading)
    assert "Okafor" not in repr(reading.people[0])


def test_nul_characters_are_survived():
    text = b"Forename,Surname,Email\nGr\x00ace,Okafor,grace@mail.example\n"
    assert told(text) == [GRACE]


def test_a_cell_may_hold_several_addresses_and_names_beside_them():
    text = 'Forename,Surname,Email\nGrace,Okafor,"Grace <grace@mail.example>; mailto:g2@mail.example"\n'
    assert told(text)[0][2] == {"grace@mail.example", "g2@mail.example"}


def test_a_repeated_header_line_is_nobody():
    reading = read_register((STAFF + STAFF).encode())
    assert len(reading.people) == 2
    assert reading.unreadable == ()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PK\x03\x04rest", "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel workbook"),
        (b"%PDF-1.7", "a PDF"),
        (b"<html><table><tr><td>Forename</td></tr></table>", "web page"),
        (b"", "is empty"),
        (b"\xef\xbb\xbf \r\n", "is empty"),
        (b"Forename,Surname,Email\n", "nobody could be read"),
        (b"foo,bar\n1,2\n", '"foo", "bar"'),
        (b"Ida,Lost,ida@mail.example\n", "no row of headers"),
    ],
)
def test_what_is_no_register_gets_one_sentence_with_the_cure(data, says):
    with pytest.raises(RegisterError, match=says) as caught:
        read_register(data)
    assert "\n" not in str(caught.value)
    assert "ida" not in str(caught.value)


def test_an_unknown_header_is_mapped_by_the_configuration():
    text = "Kid,Clan,Grown-up's post\nAmelia,Okafor,grace@mail.example\n"
    mapping = {"kid": "pupil forename", "Clan": "pupil surname", "Grown-up's post": "contact 1 email"}
    assert told(text, mapping) == [AMELIA, ("parent", set(), {"grace@mail.example"}, set())]


def test_a_mapped_column_can_be_ignored():
    text = "Forename,Surname,Email\nAmelia,Okafor,grace@mail.example\n"
    assert told(text, {"Email": "ignore"}) == [AMELIA]


def test_a_mapping_that_means_nothing_names_its_column():
    with pytest.raises(RegisterError, match='"Kid" is not understood'):
        read_register(b"Kid\nAmelia\n", {"Kid": "favourite colour"})


HEADERS = st.sampled_from(
    [
        "Forename",
        "Surname",
        "Email",
        "Contact 2 Email",
        "UPN",
        "Name",
        "X handle",
        "Court Order",
        "Role",
        "Staff",
        "",
    ]
)


@given(data=st.binary(max_size=400))
@example(data=b"Name,Name,Name\n,")
@example(data=b"\xff\xfeN")
@example(data=b"Email\n" + b'"' * 99)
@settings(deadline=None, max_examples=200)
def test_any_bytes_are_people_or_one_sentence(data):
    try:
        assert read_register(data).people
    except RegisterError as error:
        assert "\n" not in str(error)  # noqa: PT017 - both ends are the promise


@given(
    headers=st.lists(HEADERS, min_size=1, max_size=8),
    body=st.text(st.characters() | st.sampled_from(',;\t"\n\r\x00=@<>./'), max_size=200),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-16", "cp1252"]),
)
@settings(deadline=None, max_examples=300)
def test_any_rows_under_real_headers_are_people_or_one_sentence(headers, body, delimiter, encoding):
    text = delimiter.join(headers) + "\n" + body
    try:
        reading = read_register(text.encode(encoding, errors="replace"))
    except RegisterError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        lines = [row.line for row in reading.unreadable]
        assert reading.people
        assert lines == sorted(lines)
