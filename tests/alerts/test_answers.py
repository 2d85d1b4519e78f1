from __future__ import annotations

import re

import pytest

from alerts.answers import ready
from alerts.words import CATEGORIES, NEVER_HIDDEN

NEVER_ANSWERED = {"threat", "grooming", "child_at_risk", "extremism", "sexual", "self_harm_encouragement"}


@pytest.mark.parametrize("category", sorted(NEVER_HIDDEN))
def test_fair_criticism_and_the_press_have_ready_words(category: str) -> None:
    assert len(ready(category)) == 2


@pytest.mark.parametrize("category", sorted(NEVER_ANSWERED))
def test_what_must_not_be_answered_has_none(category: str) -> None:
    assert ready(category) == ()


@pytest.mark.parametrize("category", sorted(CATEGORIES))
def test_ready_words_are_whole_neutral_and_name_nobody(category: str) -> None:
    for answer in ready(category, "https://school.example/complaints"):
        assert answer.place
        assert answer.text.endswith((".", "directly."))
        assert "{" not in answer.text
        assert not re.search(
            r"\b(guilty|offender|lie|liar|abuse[rd]?|police|solicitor)\b", answer.text, re.IGNORECASE
        )


def test_the_complaints_procedure_is_named_where_it_is_known() -> None:
    assert (
        "(https://school.example/complaints)"
        in ready("complaint", "https://school.example/complaints")[0].text
    )
    assert "procedure, and we will" in ready("complaint")[0].text
