"""Who a follower is, and what an account gives away: with the neighbours that must not fire."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from monitor import schema
from monitor.domain import Author, Severity, VerificationState
from monitor.register import import_register, load_register, register_of
from monitor.register_csv import read_register
from monitor.resemblance import distance, skeleton
from monitor.store import Store
from monitor.tables import FindingRow, FollowerRow, ItemRow
from monitor.vault import Vault
from monitor.verify import follower_findings, verification
from monitor.verify_stage import School, verify

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
FAMILY = (
    "Contact ID,Contact Forename,Contact Surname,Email,X handle,Facebook,Restricted\n"
    "9001,Grace,Okafor,grace@mail.example,@GraceOk,,\n"
    "9002,Tom,Hale,tom@mail.example,@tom_hale,tom.hale,Yes\n"
)
PEOPLE = read_register(FAMILY.encode()).people
REGISTER = register_of(PEOPLE)
SCHOOL = School(
    name="St Mary's Primary School",
    handles=("StMarysBexhill",),
    organisations={"@EduDept": "the Department for Education"},
)


def judged(handle, **author):
    return verification("x", Author(handle=handle, **author), REGISTER, SCHOOL.organisations)


def found(handle="zzz", name="", bio="", school=SCHOOL):
    return follower_findings(
        Author(external_id="7", handle=handle, name=name, bio=bio),
        school_handles=school.handles,
        school_name=school.name,
    )


def categories(**account):
    return [finding.category for finding in found(**account)]


# who it is


@pytest.mark.parametrize("handle", ["GraceOk", "@graceok", "GRACEOK"])
def test_a_handle_on_the_register_is_a_claim_and_never_more(handle):
    says = judged(handle)
    assert says.state is VerificationState.CLAIMED
    assert says.role == "parent"
    assert says.person
    assert "not proven yet" in says.reason


def test_a_name_or_a_near_handle_claims_nothing():
    says = judged("GraceOk1", name="Grace Okafor", bio="grace@mail.example")
    assert (says.state, says.person, says.role) == (VerificationState.UNVERIFIED, None, None)


def test_a_handle_counts_on_its_own_network_only():
    says = verification("facebook", Author(handle="GraceOk"), REGISTER)
    assert says.state is VerificationState.UNVERIFIED


@pytest.mark.parametrize(("network", "handle"), [("x", "tom_hale"), ("facebook", "Tom.Hale")])
def test_a_restricted_person_is_never_claimed_and_the_reason_names_no_one(network, handle):
    says = verification(network, Author(handle=handle, name="Tom Hale"), REGISTER)
    assert (says.state, says.person, says.role) == (VerificationState.UNVERIFIED, None, None)
    assert "safeguarding lead" in says.reason
    assert not {"tom", "hale", "court", "parent"} & set(says.reason.lower().replace(";", " ").split())


def test_a_known_organisation_is_one_with_its_reason():
    says = judged("edudept")
    assert (says.state, says.reason) == (VerificationState.ORGANISATION, "the Department for Education")
    assert judged("edudept2").state is VerificationState.UNVERIFIED


def test_a_follower_whose_handle_the_network_hides_is_unverified():
    assert verification("x", Author(external_id="7"), REGISTER).state is VerificationState.UNVERIFIED


# look-alikes


@pytest.mark.parametrize(
    "handle",
    [
        "stmarysbexhi11",
        "5tmarysbexhill",
        "5tm4ry5b3xh1ll",
        "st_marys_bexhill",
        "strnarysbexhill",
        "stmarysbexhiII",
        "stmarysbexhil",
        "stmaryesbexhill",
        "stmarsybexhill",
        "stmarysbexhill2",
        "stmarysbexhilll",
        "StMarysBexhill_Official",
        "realstmarysbexhill",
        "stmаrysbexhill",  # Cyrillic а
    ],
)
def test_a_handle_that_could_be_taken_for_the_schools_is_brought_to_somebody(handle):
    (finding,) = found(handle=handle)
    assert (finding.category, finding.severity) == ("impersonation", Severity.MEDIUM)
    assert finding.detector == "follower.handle"
    assert handle not in finding.reason


@pytest.mark.parametrize(
    ("handle", "name"),
    [
        ("stmarysbexhill", "St Mary's Primary School"),
        ("@StMarysBexhill", "St Mary's Primary School"),
        ("stmarysbexhillpta", "St Mary's PTA"),
        ("stmarysbexhillfc", "St Mary's FC"),
        ("stmarysbexhill6c", "Class 6C"),
        ("stmarysbexhillchurch", "St Mary's Church, Bexhill"),
        ("friendsofstmarysbexhill", "Friends of St Mary's Primary School"),
        ("stmarksbexhill", "St Mark's Primary School"),
        ("stmarksbexhill", ""),
        ("stjohnsbexhill", "St John's Primary School"),
        ("bexhill", "Bexhill Town Council"),
        ("graceok", "Grace Okafor"),
        ("", ""),
    ],
)
def test_the_school_itself_and_its_neighbours_are_no_impostors(handle, name):
    assert categories(handle=handle, name=name) == []


@pytest.mark.parametrize(
    "name",
    [
        "St Mary's Primary School",
        "St Marys Primary",
        "ST MARY’S PRIMARY SCHOOL (Official)",
        "Ѕt Маry’s Рrimary Schооl",  # Cyrillic capitals
        "St Mary's Pr1mary School",
        "St Mary's Prirnary School",
        "St Mary's Primray School",
    ],
)
def test_the_schools_name_on_another_account_is_brought_to_somebody(name):
    (finding,) = found(name=name)
    assert (finding.category, finding.detector) == ("impersonation", "follower.name")


@pytest.mark.parametrize(
    "name",
    [
        "St Mary's",
        "St Mary's Church",
        "St Mary's Primary School PTA",
        "Year 6 at St Mary's Primary School",
        "St Martin's Primary School",
        "Bexhill Primary School",
        "St Mary's Academy",
        "Mary Primrose",
        "Mary St Clair",
    ],
)
def test_a_name_with_a_word_of_its_own_is_no_impostor(name):
    assert categories(name=name) == []


def test_a_neighbour_school_that_differs_by_two_letters_explains_itself_by_its_name():
    west = School(name="Westfield Primary School", handles=("westfieldprimary",))
    assert categories(handle="eastfieldprimary", name="Eastfield Primary School", school=west) == []
    assert categories(handle="eastfieldprimary", name="lol", school=west) == ["impersonation"]
    hill = School(name="Hillside Primary School", handles=("hillsideprimary",))
    assert categories(handle="millsideprimary", name="Millside Primary School", school=hill) == []
    assert categories(handle="hilsideprimary", name="Hilside Primary School", school=hill) == [
        "impersonation"
    ]


def test_a_school_named_like_a_village_takes_nobodys_name():
    assert categories(name="Oakwood", school=School(name="Oakwood")) == []


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("abcd", "abcd", 0), ("abcd", "abdc", 1), ("abcd", "abc", 1), ("abcd", "xbcy", 2), ("abcd", "wxyz", 3)],
)
def test_a_swap_of_neighbours_is_one_edit_and_far_is_one_more_than_asked(one, other, edits):
    assert distance(one, other, 2) == edits


# children


@pytest.mark.parametrize(
    ("bio", "severity", "words"),
    [
        ("I'm 10", Severity.MEDIUM, "I'm 10"),
        ("im 9 and i love minecraft", Severity.MEDIUM, "im 9"),
        ("Hi! I am 11 years old 🎮", Severity.MEDIUM, "I am 11"),
        ("I’m in Year 5", Severity.MEDIUM, "I’m in Year 5"),
        ("I'm ten!", Severity.MEDIUM, "I'm ten"),
        ("I'm 8 and a half", Severity.MEDIUM, "I'm 8"),
        ("age 8", Severity.LOW, "age 8"),
        ("football | age: 10 | arsenal", Severity.LOW, " age: 10"),
        ("Y4 🦄", Severity.LOW, "Y4"),
        ("Y4 age 8 ⚽ minecraft and my dog", Severity.LOW, "Y4 age 8"),
        ("dance, year 6", Severity.LOW, " year 6"),
        ("10 yo", Severity.LOW, "10 yo"),
    ],
)
def test_a_child_under_13_is_noticed_by_its_own_words(bio, severity, words):
    (finding,) = found(bio=bio)
    assert (finding.category, finding.severity) == ("underage", severity)
    assert bio[slice(*finding.span)] == words


@pytest.mark.parametrize(
    "bio",
    [
        "mum of two, Y4 and Y6",
        "Mum • Y4 • Y6",
        "Dad to a 10 year old",
        "grandmother of 3, aged 6",
        "Y4 teacher",
        "PTA chair | Y5",
        "I'm in Year 5 teaching team",
        "I'm 12 weeks pregnant",
        "I'm 5'2",
        "I'm 10/10 tired",
        "I'm 12 years into nursing",
        "I'm 11 stone",
        "I'm 40",
        "I'm 13",
        "I'm 100",
        "age 80",
        "ages 5-11",
        "for children aged 8 and 10",
        "Class of 2031",
        "Biscuit the dog, aged 8 and a half weeks",
        "Year 4 to Year 6 maths resources",
        "Y5 🍎 teaching and tea",
        "Mama, Y4",
        "Year 6 leavers 1998",
        "Runner. 10 k. Coffee",
        "established 10 years",
        "",
    ],
)
def test_grown_ups_who_speak_of_children_or_numbers_are_not_children(bio):
    assert categories(bio=bio) == []


@given(handle=st.text(max_size=30), name=st.text(max_size=60), bio=st.text(max_size=200))
@settings(deadline=None, max_examples=150)
def test_any_account_can_be_judged_and_its_spans_are_in_its_bio(handle, name, bio):
    assert judged(handle, name=name, bio=bio).state is not VerificationState.VERIFIED
    for finding in found(handle=handle, name=name, bio=bio):
        assert 0 <= finding.span[0] <= finding.span[1] <= len(bio)
    assert skeleton(handle).isascii()


# the stage


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


def run(store, on_findings=None, **options):
    return verify(store, load_register(store), LATER, school=SCHOOL, on_findings=on_findings, **options)


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


@pytest.mark.parametrize("state", ["verified", "rejected", "left"])
def test_what_is_settled_stays(store, state):
    follow(store, 1, "GraceOk", state=state)
    assert run(store) == 1
    assert states(store) == [state]


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
