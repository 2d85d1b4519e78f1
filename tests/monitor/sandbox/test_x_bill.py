from __future__ import annotations

from tests.monitor.sandbox.networks import SCHOOL

FOLLOWERS = f"/2/users/{SCHOOL}/followers"
MENTIONS = f"/2/users/{SCHOOL}/mentions"


def test_what_is_asked_for_again_the_same_day_is_served_but_not_charged(school, ask_x, watch):
    school.follow("kaz_wexmoor")
    school.follow("gaz_wex")
    for _ in range(3):
        ask_x.json(FOLLOWERS)
    assert (school.bill.served["followers"], school.bill.charged["followers"]) == (6, 2)
    watch.pass_by(hours=12)  # midnight, UTC
    ask_x.json(FOLLOWERS)
    assert (school.bill.served["followers"], school.bill.charged["followers"]) == (8, 4)


def test_an_author_who_is_sent_along_is_counted_apart(school, ask_x):
    school.add_post("kaz_wexmoor", "@StAldhelmsWex one")
    school.add_post("kaz_wexmoor", "@StAldhelmsWex two")
    for _ in range(2):
        ask_x.json(MENTIONS, expansions="author_id")
    assert (school.bill.served["mentions"], school.bill.charged["mentions"]) == (4, 2)
    assert dict(school.bill.along) == {"users": 1}
    assert "users" not in school.bill.served


def test_a_refused_request_costs_nothing(school, ask_x):
    ask_x("/2/users/42/followers")
    ask_x(FOLLOWERS, params={"max_results": 5000})
    assert sum(school.bill.served.values()) == 0
