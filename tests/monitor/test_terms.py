from datetime import date

from monitor.terms import Term, terms_of

YEAR = (
    (date(2026, 9, 3), date(2026, 10, 23)),
    (date(2026, 11, 2), date(2026, 12, 18)),
    (date(2027, 1, 4), date(2027, 2, 12)),
    (date(2027, 2, 22), date(2027, 3, 25)),
    (date(2027, 4, 12), date(2027, 5, 28)),
    (date(2027, 6, 7), date(2027, 7, 22)),
)


def test_a_half_term_does_not_end_a_term() -> None:
    assert terms_of(YEAR[::-1]) == (
        Term(date(2026, 9, 3), date(2026, 12, 18)),
        Term(date(2027, 1, 4), date(2027, 3, 25)),
        Term(date(2027, 4, 12), date(2027, 7, 22)),
    )
    assert [term.name for term in terms_of(YEAR)] == [
        "Autumn term 2026",
        "Spring term 2027",
        "Summer term 2027",
    ]


def test_without_a_calendar_there_are_none() -> None:
    assert terms_of(()) == ()
