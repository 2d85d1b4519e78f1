"""The index rules out no place at which a phrase stands."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.detectors import load_rules
from monitor.detectors.context import People
from monitor.detectors.index import Index, index_of

RULES = load_rules()
TEXTS = [text for rule in RULES.rules for text in (*rule.fires, *rule.spares)]
PHRASES = [one for rule in RULES.rules for one in (*rule.phrases, *rule.required, *rule.excluded)]
FINDERS = People(RULES.lists["forenames"], RULES.lists["ordinary_names"], None).finders
WORDS = sorted({word for text in TEXTS for word in RULES.normaliser.read(text).words})
INDEX: Index[None] = index_of(PHRASES)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=2), st.lists(st.sampled_from(WORDS), max_size=5))
def test_a_phrase_is_found_where_trying_them_all_finds_it(texts: list[str], words: list[str]) -> None:
    reading = RULES.normaliser.read(" ".join([*words, *texts, *words[::-1]]))
    places = range(len(reading.words))
    tried = {(at, one.source) for one in PHRASES for at in places if one.match(reading, at, FINDERS)}
    among = INDEX.among(reading.words)
    assert {(at, one.source) for at, one, _ in among if one.match(reading, at, FINDERS)} == tried


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3))
def test_a_phrase_stands_where_it_stands_without_a_look_at_what_it_needs(texts: list[str]) -> None:
    reading = RULES.normaliser.read(" ".join(texts))
    for at, one, _ in INDEX.among(reading.words):
        assert one.match(reading, at, FINDERS) == replace(one, pairs=()).match(reading, at, FINDERS)


@settings(deadline=None)
@given(st.sampled_from(TEXTS), st.data())
def test_a_part_of_a_text_is_looked_at_as_the_whole_is(text: str, data: st.DataObject) -> None:
    words = RULES.normaliser.read(text).words
    low = data.draw(st.integers(0, len(words)))
    high = data.draw(st.integers(low, len(words) + 2))
    among = [found for found in INDEX.among(words) if low <= found[0] < high]
    assert list(INDEX.among(words, low, high)) == among
