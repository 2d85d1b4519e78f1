"""Whatever stands in an office's file, a table or a log line stays what it is: the first cases of each target, and some that hypothesis chooses."""

from bench.fuzz import office
from tests.fuzz.trying import both_ways

test_the_first_cases_hold, test_cases_that_are_chosen_hold = both_ways(office.TARGETS)
