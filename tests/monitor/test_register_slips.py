"""A name with a letter wrong is looked for by the forms that it could share with one of the register, and by no fewer."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.names import slip_forms
from monitor.register import register_of
from monitor.register_people import Person

WORDS = st.text("abk", min_size=1, max_size=6)


@settings(deadline=None)
@given(WORDS, WORDS, WORDS, WORDS)
@example("baka", "kabak", "bka", "kabakk")  # a letter wrong in each part, where neither part is known
@example("baka", "kabak", "bka", "kabak")
@example("baka", "kabak", "baka", "kbak")
def test_a_misspelt_name_is_known_where_it_has_a_form_in_common(
    forename: str, surname: str, other: str, family: str
) -> None:
    register = register_of([Person("1", "pupil", {(forename, surname)})])
    common = slip_forms(forename, surname) & (slip_forms(other, family) | {f"{other} {family}"})
    if len(other) > 1 and len(family) > 1:
        assert (register.near_name(other, family) == "pupil") is bool(common)
