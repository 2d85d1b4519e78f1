from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.detectors.normalise import Normaliser
from monitor.detectors.wording import MOST_WINDOWS, MOST_WORDS, windows, wording

READ = Normaliser((), (), {}).read


def line(text: str) -> str:
    reading = READ(text)
    return " ".join(wording(reading, 0, len(reading.words))[0])


def test_breaks_and_quotation_marks_are_kept_for_the_model() -> None:
    assert line('He said "go home", and left. Why?') == 'he said " go home " , and left . why'.replace(
        '" ,', ', "'
    )


def test_a_handle_is_nobody_in_particular() -> None:
    assert line("@sam_example well done") == "@ well done"


def test_each_piece_belongs_to_a_word_of_the_text() -> None:
    reading = READ('One, "two" three.')
    pieces, owners = wording(reading, 0, len(reading.words))
    assert len(pieces) == len(owners)
    assert [reading.words[at] for at, piece in zip(owners, pieces, strict=True) if piece.isalpha()] == list(
        reading.words
    )


def test_a_short_text_is_one_window_and_an_empty_one_none() -> None:
    assert list(windows(READ("One two three"))) == [(0, 3)]
    assert list(windows(READ(""))) == []


def test_a_long_text_is_cut_where_a_sentence_ends() -> None:
    reading = READ("word " * 30 + "end. " + "more " * 40)
    assert next(iter(windows(reading))) == (0, 31)


@given(st.integers(0, 400))
def test_the_windows_cover_every_word_once(count: int) -> None:
    reading = READ("word " * count)
    covered = [at for start, end in windows(reading) for at in range(start, end)]
    assert covered == list(range(count))


def test_of_an_endless_text_the_beginning_and_the_end_are_read() -> None:
    reading = READ("word " * (MOST_WORDS * MOST_WINDOWS * 3))
    read = list(windows(reading))
    assert len(read) == MOST_WINDOWS
    assert read[0][0] == 0
    assert read[-1][1] == len(reading.words)


def test_of_many_names_before_a_reply_one_is_shown() -> None:
    assert line("@one @two @three are we open? ask @four") == "@ are we open . ask @"
