"""Others are taken out of what goes to one person, and are the same token wherever they stand."""

from hypothesis import given
from hypothesis import strategies as st

from alerts.export.redacting import Redactor

OWN = frozenset({"kaz_99", "kaz@family.example"})


def test_others_become_tokens_and_ones_own_stay() -> None:
    redactor = Redactor(OWN)
    text = "@robin and @kaz_99: write to pat@family.example or kaz@family.example, @Robin, 020 7946 0018."
    said, taken = redactor.text(text)
    assert said == (
        "[person 1] and @kaz_99: write to [person 2] or kaz@family.example, [person 1], [person 3]."
    )
    assert taken == 4


def test_what_identifies_a_child_is_withheld() -> None:
    text = "Tamsin Example of 3B told @robin"
    assert Redactor(OWN).text(text, [(0, 14), (5, 20)]) == ("[withheld] told [person 1]", 2)


def test_years_and_times_stay() -> None:
    assert Redactor(OWN).text("At 15:30 on 20 November 2026, year 6") == (
        "At 15:30 on 20 November 2026, year 6",
        0,
    )


@given(st.text(), st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60)), max_size=4))
def test_nothing_that_is_hidden_is_left(text: str, hidden: list[tuple[int, int]]) -> None:
    said, _ = Redactor(OWN).text(f"{text} @robin_q", hidden)
    assert "robin_q" not in said
