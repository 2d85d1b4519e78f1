"""What families write when they say which account is theirs, and what must not be taken for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from alerts.inbox.saying import MOST, accounts

BOTH = ("facebook", "x")
JANE = (("x", "jane_doe"),)


@pytest.mark.parametrize(
    "text",
    [
        "My handle is @jane_doe",
        "my handle is jane_doe",
        "Hello, my username is jane_doe. Kind regards, Jane",
        "Hi\n\nMy X handle is: @Jane_Doe\n\nThanks x",
        "my handle on\nTwitter is\n@jane_doe.",
        "My user name is “jane_doe”, thank you",
        "Our account is @jane_doe",
        "I'm @jane_doe",
        "I’m @jane_doe on X!",
        "We are @jane_doe on Twitter",
        "On X I am jane_doe",
        "@jane_doe is my account",
        "@jane_doe on X is mine",
        "I follow you as @jane_doe",
        "We follow the school on X with the account @jane_doe.",
        "Handle: jane_doe",
        "Handle: jane_doe (X)",
        "Twitter: @jane_doe",
        "X handle = @jane_doe",
        "@jane_doe",
        "https://x.com/jane_doe",
        "My profile is https://twitter.com/jane_doe?s=21.",
        "My name is Jane and my handle is @jane_doe",
        "MY HANDLE IS ＠JANE_DOE",
    ],
)
def test_an_account_is_read(text: str):
    assert accounts("", [text], ("x",)) == JANE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Please call me about Tuesday's trip.",
        "My handle is on the letter",
        "My handle is not @jane_doe",
        "My handle isn't @jane_doe",
        "@jane_doe is not mine",
        "My son's handle is @jane_doe",
        "My ex-husband's X handle is @jane_doe",
        "Have you seen what @jane_doe wrote about the school?",
        "My email is jane@mail.example",
        "My username is jane_doe@mail.example",
        "My handle is @jane_doe@mastodon.example",
        "My Instagram handle is @jane_doe",
        "My handle is @jane_doe on Instagram",
        "My facebook account is facebook.com/jane.doe",
        "My handle is jane doe",
        "My name is @",
    ],
)
def test_nothing_is_read_where_nothing_of_the_writers_own_is_named(text: str):
    assert accounts("", [text], ("x",)) == ()


def test_where_several_networks_are_watched_one_must_be_named():
    assert accounts("", ["My handle is @jane_doe"], BOTH) == ()
    assert accounts("", ["My handle is @jane_doe on X"], BOTH) == JANE
    assert accounts("My X account", ["My handle is @jane_doe"], BOTH) == JANE
    assert accounts("", ["My profile is x.com/jane_doe"], BOTH) == JANE
    assert accounts("", ["My handle is @jane_doe\n\nThanks, Jane x"], BOTH) == ()


def test_each_account_goes_to_the_network_that_is_named_beside_it():
    two = (("facebook", "janedoe5"), ("x", "jane_doe"))
    for text in (
        "X: @jane_doe\nFacebook: jane.doe.5",
        "My X account is @jane_doe. My Facebook username is jane.doe.5",
        "My X account is @jane_doe and my Facebook account is facebook.com/jane.doe.5",
    ):
        assert accounts("", [text], BOTH) == two
    assert accounts("", ["My X account is @janedoe and I have one on Facebook"], BOTH) == (("x", "janedoe"),)


def test_the_subject_alone_is_enough():
    assert accounts("My handle is @jane_doe", [], ("x",)) == JANE


def test_a_list_of_accounts_is_no_claim():
    many = "\n".join(f"My handle is @jane_{number}" for number in range(MOST + 1))
    assert accounts("", [many], ("x",)) == ()
    assert len(accounts("", [many.rpartition("\n")[0]], ("x",))) == MOST


@given(some.text(max_size=400), some.text(max_size=400))
def test_no_text_makes_it_fail(subject: str, body: str):
    for network, handle in accounts(subject, [f"my handle is {body}", body], BOTH):
        assert network in BOTH
        assert handle
