"""Names of children in a text: from the school's register where there is one, else by a forename with a telling cue.

A forename alone never counts: Will, Hope, May and Faith are words (an eighth of ordinary comments hold one). Staff
and parents are not looked for: praise for Mrs Patel is no finding. Pure; it asks the register only yes or no.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from monitor.detectors.context import Cues, People
from monitor.detectors.normalise import SENTENCE, Reading
from monitor.detectors.placing import Placing
from monitor.detectors.segment import common_words
from monitor.detectors.written import as_written
from monitor.domain import Finding, Severity
from monitor.kept import Kept
from monitor.ports import Register

FULL_POLICY = "St Mary's, School's use of Twitter: never the full names of children"
PART_POLICY = "Cansfield, posting guidance 2: no identifying information"
_MOST_WORDS = 4
_SHORTEST_PART = 2
_LONGEST_TAG = 30
_KEPT = 1 << 14  # words of which it is remembered whether a name can stand there
_LONG_FOR_ONE = 8  # letters; a shorter word is hardly a forename and a surname
_TITLES = frozenset({
    "mr", "mrs", "ms", "miss", "dr", "sir", "madam", "mister", "st", "saint", "rev", "coach", "lady", "lord",
})  # fmt: skip
_NOT_SURNAMES = frozenset({
    "year", "class", "form", "school", "primary", "academy", "team", "club", "house", "street", "road", "lane", "day", "week", "mum",
    "dad", "nan", "school's", "the", "and", "in", "at", "from", "is", "was", "y", "monday", "tuesday", "wednesday", "thursday", "friday",
    "saturday", "sunday", "january", "february", "march", "april", "june", "july", "august", "september", "october", "november",
    "december", "christmas", "easter", "england", "london", "wales", "scotland",
})  # fmt: skip


class Names:
    """Looks for a child's name. `cues` hold what places a name: class, photo, praise, where and how to reach."""

    name = "names"

    def __init__(self, people: People, register: Register | None, cues: dict[str, Cues]) -> None:
        self._people = people
        self._register = register
        self._placing = Placing(cues)
        self._may_be_name = Kept(self._may_name, _KEPT)

    def look(self, text: str, reading: Reading) -> Sequence[Finding]:
        """Full names first; a part name only where no full name covers it."""
        if self._register is not None and reading.remade:
            reading = as_written(text, reading, self._register)
        places = self._places(reading)
        if not places:
            return ()
        taken: set[int] = set()
        findings: list[Finding] = []
        for start, end in self._full_names(reading, places):
            if taken.isdisjoint(range(start, end)):
                taken.update(range(start, end))
                findings += self._full(reading, start, end)
        for start, end in self._near_names(reading, places):
            if taken.isdisjoint(range(start, end)):
                taken.update(range(start, end))
                findings += self._full(reading, start, end, "name.near")
        parts = (self._part(reading, at) for at in places if at not in taken)
        return findings + [finding for finding in parts if finding]

    def _places(self, reading: Reading) -> Sequence[int]:
        """Where a name can begin, as far as one word alone tells; without a register, at every capital."""
        if self._register is None:
            return [at for at, titled in enumerate(reading.titled) if titled]
        may = list(map(self._may_be_name.__getitem__, reading.words))
        if True not in may and True not in reading.tagged:
            return ()
        return [
            at for at, (named, tagged) in enumerate(zip(may, reading.tagged, strict=True)) if named or tagged
        ]

    def _may_name(self, word: str) -> bool:
        """Whether the register may have a name that stands at the word."""
        assert self._register is not None
        return self._is_part(self._register, word) or self._is_run_together(self._register, word)

    def _full_names(self, reading: Reading, places: Sequence[int]) -> Iterator[tuple[int, int]]:
        if self._register is None:
            yield from self._guessed(reading, places)
            return
        words = reading.words
        known = frozenset(at for at in places if self._is_part(self._register, words[at]))
        for start in places:
            if reading.tagged[start] and self._is_tag_of_pupil(self._register, words[start]):
                yield start, start + 1
                continue
            if self._is_run_together(self._register, words[start]):
                yield start, start + 1
                continue
            if start not in known or (start and words[start - 1] in _TITLES):
                continue
            for end in range(min(start + _MOST_WORDS, len(words)), start + 1, -1):
                if not self._may_end(self._register, words, known, end):
                    continue
                if any(reading.breaks[at] == SENTENCE for at in range(start + 1, end)):
                    continue
                if self._is_called(reading, start, end) and self._is_meant(reading, start, end):
                    yield start, end
                    break

    def _is_called(self, reading: Reading, start: int, end: int) -> bool:
        """Whether the words are a pupil's full name, also with a second forename or a pet name that the register has not."""
        assert self._register is not None
        words = reading.words[start:end]
        if self._is_full(self._register, words):
            return True
        if len(words) != 3 or reading.breaks[start + 1] or reading.breaks[start + 2]:  # noqa: PLR2004 - one between two
            return False
        forenamed = self._people.is_forename(words[1]) or len(words[1]) == 1
        return (forenamed or all(reading.titled[start:end])) and self._register.full_name(
            (words[0], words[2])
        ) == "pupil"

    def _is_part(self, register: Register, word: str) -> bool:
        if len(word) < _SHORTEST_PART:
            return False
        if register.part_name(word) is not None:
            return True
        return word.endswith("s") and register.part_name(word[:-1]) is not None

    def _may_end(self, register: Register, words: Sequence[str], known: frozenset[int], end: int) -> bool:
        """Whether a name may end there: with a known part, or with one that is written apart ("o brien")."""
        if end - 1 in known:
            return True
        before = words[end - 2]
        return len(before) <= _SHORTEST_PART and register.part_name(before + words[end - 1]) is not None

    def _is_full(self, register: Register, words: Sequence[str]) -> bool:
        """Also with two of the words run together, as hyphens and apostrophes are written in some registers."""
        if register.full_name(words) == "pupil":
            return True
        if len(words) == 2:  # noqa: PLR2004 - forename and surname
            return words[1].endswith("s") and register.full_name((words[0], words[1][:-1])) == "pupil"
        return any(
            register.full_name((*words[:at], words[at] + words[at + 1], *words[at + 2 :])) == "pupil"
            for at in range(len(words) - 1)
        )

    def _near_names(self, reading: Reading, places: Sequence[int]) -> Iterator[tuple[int, int]]:
        """A pupil's name with one letter wrong in one part: the other part stands as in the register, and the wrong
        one is no ordinary word ("will hurt" is not Will Hunt)."""
        if self._register is None:
            return
        words = reading.words
        for at in places:
            word = words[at]
            if self._register.part_name(word) != "pupil" or (at and words[at - 1] in _TITLES):
                continue
            for start, end in ((at, at + 2), (at - 1, at + 1), (at, at + 3), (at - 2, at + 1)):
                if start < 0 or end > len(words) or SENTENCE in reading.breaks[start + 1 : end]:
                    continue
                if start and words[start - 1] in _TITLES:
                    continue
                pair = words[start:end]
                pieces = [one for one in pair if one != word]
                if not pieces or any(self._is_ordinary(one) for one in pieces):
                    continue
                if self._is_near(self._register, pair) and self._is_sure(reading, start, end, word):
                    yield start, end
                    break

    def _is_ordinary(self, word: str) -> bool:
        return not word.isalpha() or (word in common_words() and not self._people.is_forename(word))

    def _is_near(self, register: Register, words: Sequence[str]) -> bool:
        pairs = [words] if len(words) == 2 else [(words[0], words[1] + words[2])]  # noqa: PLR2004
        return any(
            register.near_name(first, second) == "pupil" or register.near_name(second, first) == "pupil"
            for first, second in pairs
        )

    def _is_sure(self, reading: Reading, start: int, end: int, word: str) -> bool:
        """Where the part that is right is itself an ordinary word, both need capitals or a class beside them."""
        if word not in self._people.ordinary:
            return True
        return all(reading.titled[start:end]) or self._placing.stands("class", reading, start, end)

    def _is_run_together(self, register: Register, word: str) -> bool:
        """Whether forename and surname stand in it without a space; no word of the language does."""
        if len(word) < _LONG_FOR_ONE or not word.isalpha() or word in common_words():
            return False
        return self._is_tag_of_pupil(register, word)

    def _is_tag_of_pupil(self, register: Register, tag: str) -> bool:
        bare = tag.lstrip("@").rstrip("0123456789_.").replace("_", ".")
        parts = [part for part in bare.split(".") if part]
        if len(parts) > 1:
            return self._is_full(register, parts)
        return 2 * _SHORTEST_PART <= len(bare) <= _LONGEST_TAG and register.joined_name(bare) == "pupil"

    def _is_meant(self, reading: Reading, start: int, end: int) -> bool:
        """A name of ordinary words ("rose summers") needs its capitals or a cue."""
        if not all(word in self._people.ordinary or len(word) == 1 for word in reading.words[start:end]):
            return True
        return all(reading.titled[start:end]) or self._placing.stands("class", reading, start, end)

    def _guessed(self, reading: Reading, places: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Without a register: a forename and a capitalised surname beside a class or a parent's "my son"."""
        words = reading.words
        for start in places:
            end = start + 2
            if end > len(words) or (start and words[start - 1] in _TITLES):
                continue
            if not reading.titled[end - 1] or reading.breaks[end - 1]:
                continue
            if (
                words[end - 1] in _NOT_SURNAMES
                or len(words[end - 1]) <= _SHORTEST_PART
                or not words[end - 1].isalpha()
            ):
                continue
            named = self._people.forename(reading, start) or (
                words[start] in self._people.ordinary and words[start] not in _NOT_SURNAMES
            )
            if named and (
                self._placing.is_near("placed", reading, start, end)
                or self._placing.is_near("kin", reading, start, end)
                or self._placing.is_labelled(reading, end)
            ):
                yield start, end

    def _full(self, reading: Reading, start: int, end: int, detector: str = "") -> Iterator[Finding]:
        """The finding, graded by what stands around the name, and another for where the child is or what is private."""
        reason = "A child's full name stands in it"
        if detector:
            reason = "A child's full name, with a letter wrong, stands in it"
        severity, span = Severity.MEDIUM, reading.span(start, end)
        found = self._placing.is_found(reading, start, end)
        private = self._placing.stands("private", reading, start, end)
        if found or self._placing.is_reached(reading, start, end):
            severity = Severity.CRITICAL
            reason = "A child's full name stands beside where or how to find the child"
        elif private:
            severity = Severity.HIGH
            reason = "A child's full name stands beside what is private: health or family"
        elif self._placing.stands("class", reading, start, end):
            severity = Severity.HIGH
            reason = "A child's full name stands beside a class, a place or a picture"
        detector = detector or ("name.full" if self._register is not None else "name.guessed")
        yield Finding("identifying.name", severity, detector, reason, span, FULL_POLICY)
        if self._register is None:
            return
        if found:
            says = "It may tell where a child who is named in full can be found"
            yield Finding("identifying.whereabouts", Severity.HIGH, "name.place", says, span, PART_POLICY)
        if private:
            says = "It may tell of the health or the family of a child who is named in full"
            yield Finding("identifying.health_family", Severity.HIGH, "name.private", says, span, PART_POLICY)

    def _part(self, reading: Reading, at: int) -> Finding | None:
        if not self._may_be_part(reading, at):
            return None
        placed = self._placing.is_near("placed", reading, at, at + 1) or self._placing.is_labelled(
            reading, at + 1
        )
        if not placed:
            return None
        if self._register is None:
            if reading.words[at] in self._people.ordinary:
                return None
            detector = "name.forename"
        elif self._register.part_name(reading.words[at]) == "pupil":
            detector = "name.part"
        else:
            return None
        reason = "A child's forename stands beside a class"
        return Finding(
            "identifying.part_name", Severity.MEDIUM, detector, reason, reading.span(at, at + 1), PART_POLICY
        )

    def _may_be_part(self, reading: Reading, at: int) -> bool:
        """Not after a title, nor an ordinary word that begins a sentence: "Young carers meet in room 3"."""
        if at and reading.words[at - 1] in _TITLES:
            return False
        if reading.words[at] in self._people.ordinary and reading.breaks[at] == SENTENCE:
            return False
        return bool(self._people.forename(reading, at)) and not self._is_anothers(reading, at)

    def _is_anothers(self, reading: Reading, at: int) -> bool:
        """Whether the word is the surname of somebody whose forename stands before it: "Megan Bell"."""
        if not at or reading.breaks[at] or self._people.is_forename(reading.words[at]):
            return False
        return reading.titled[at - 1] and self._people.is_forename(reading.words[at - 1])
