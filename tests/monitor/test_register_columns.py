"""The headers that management information systems print, and that schools make up."""

import pytest

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
        "Year": "pupil class",
        "Reg": "pupil class",
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
