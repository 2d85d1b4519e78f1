"""Whatever a mail tells of or a message says: the first cases of each target, and some that hypothesis chooses."""

from bench.fuzz import mails
from tests.fuzz.trying import both_ways

test_the_first_cases_hold, test_cases_that_are_chosen_hold = both_ways(mails.TARGETS)
