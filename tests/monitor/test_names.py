"""Names, addresses and handles in the one form in which they are compared."""

import pytest

from monitor.names import full_forms, name_words, normal_email, normal_handle, part_forms, split_name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Zoë O'Brien", ("zoe", "obrien")),
        ("ZOE O’BRIEN", ("zoe", "obrien")),
        ("Smith-Jones", ("smith", "jones")),
        ("Łukasz Søren Straße", ("lukasz", "soren", "strasse")),
        ("İpek", ("ipek",)),
        ("", ()),
        ("=1+1", ()),
    ],
)
def test_a_name_is_compared_as_its_bare_words(text, words):
    assert name_words(text) == words


def test_a_double_barrelled_name_is_one_word_and_two():
    assert full_forms("Amy", "Smith-Jones") == {"amy jones smith", "amy smithjones"}


def test_middle_names_are_optional_and_initials_no_names():
    assert {"amelia okafor", "amelia okafor rose"} <= full_forms("Amelia Rose", "Okafor")
    assert full_forms("A", "Okafor") == frozenset()
    assert part_forms("A", "van der Berg") == {"berg", "vanderberg"}


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("Okafor, Ms Amelia", ("Amelia", "Okafor")),
        ("Ms Amelia Rose Okafor", ("Amelia Rose", "Okafor")),
        ("Ana de la Cruz", ("Ana", "de la Cruz")),
        ("Mr & Mrs Hale", ("", "Hale")),
        ("Amelia", ("Amelia", "")),
    ],
)
def test_a_name_in_one_cell_is_taken_apart(cell, parts):
    assert split_name(cell) == parts


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Grace.Okafor+School@Mail.Example ", "grace.okafor+school@mail.example"),
        ("ida@MÜNCHEN.example", "ida@xn--mnchen-3ya.example"),
        ("ida@mail", None),
        ("ida@@mail.example", None),
        ("ida@-mail.example", None),
        ("ida", None),
    ],
)
def test_an_address_keeps_its_dots_and_tags(typed, kept):
    assert normal_email(typed) == kept


@pytest.mark.parametrize(
    ("network", "typed", "kept"),
    [
        ("x", "@GraceOk", ("x", "graceok")),
        ("x", "https://twitter.com/GraceOk/status/1", ("x", "graceok")),
        ("x", "not a handle", None),
        ("x", "", None),
        ("facebook", "Grace.Okafor", ("facebook", "graceokafor")),
        ("x", "facebook.com/profile.php?id=1000123", ("facebook", "1000123")),
        ("mastodon", "@grace", ("mastodon", "grace")),
    ],
)
def test_a_handle_has_one_form_a_network(network, typed, kept):
    assert normal_handle(network, typed) == kept


@pytest.mark.parametrize("hidden", ["\x00", "\x7f", "\u202e", "\u200b", "\ue000", "\ud800"])
def test_no_address_holds_a_sign_that_hides_turns_or_controls(hidden: str) -> None:
    assert normal_email(f"gra{hidden}ce@mail.example") is None
