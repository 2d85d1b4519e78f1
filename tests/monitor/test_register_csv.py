"""What offices really export, and what they save by mistake."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.errors import RegisterError
from monitor.register_csv import read_register

STAFF = (
    "Forename\tSurname\tWork e-mail\tJob title\n"
    "Ann\tBell\tann@school.example\tClass teacher\n"
    "Bo\tLi\tbo@school.example\tParent governor\n"
)
AMELIA = ("pupil", {("Amelia", "Okafor")}, set(), set())
GRACE = ("parent", {("Grace", "Okafor")}, {"grace@mail.example"}, set())


def told(text: str | bytes, mapping: dict[str, str] | None = None) -> list[tuple[str, set, set, set]]:
    data = text if isinstance(text, bytes) else text.encode()
    return [(p.role, p.names, p.emails, p.handles) for p in read_register(data, mapping).people]


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
    reading = read_register(STAFF.encode())
    assert "Bell" not in repr(reading)
    assert "Bell" not in repr(reading.people[0])


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
        (b"Email,bar\n1,2\n", '"Email", "bar"'),
        (b"ida,lost\nfinn,quill\n", "none of those in line 1"),
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


def test_a_header_that_is_never_closed_is_told_by_its_line_and_nobody_s_name_with_it() -> None:
    with pytest.raises(RegisterError) as told:
        read_register(b'"Name","Reg",","Mum"\n"Tamsin Okafor","4A","x","Ann"\n')
    assert "line 1: a quotation mark" in str(told.value)
    assert "Tamsin" not in str(told.value)
