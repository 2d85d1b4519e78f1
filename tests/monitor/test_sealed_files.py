"""A sealed file is whole or refused: whatever is changed, added or cut off anywhere in it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.errors import StoreError
from monitor.sealed_files import CHUNK, opened, series_of, written

KEY, OTHER, SERIES = b"k" * 32, b"o" * 32, b"s" * 16
FACTS = {"made_at": "2026-11-20T03:30:00+00:00"}


def sealed(folder: Path, *pieces: bytes) -> Path:
    path = folder / "one.backup"
    written(path, KEY, SERIES, FACTS, pieces)
    return path


def read(path: Path, key: bytes = KEY) -> tuple[dict[str, str], bytes]:
    with opened(path, key) as (facts, body):
        return facts, b"".join(body)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 7])
def test_what_was_sealed_comes_back(tmp_path: Path, size: int) -> None:
    body = bytes(range(256)) * (size // 256 + 1)
    path = sealed(tmp_path, body[:size])
    assert read(path) == (FACTS, body[:size])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert series_of(path) == SERIES


def test_nothing_of_it_stands_there_in_clear(tmp_path: Path) -> None:
    path = sealed(tmp_path, b"Marker Examplesdottir" * 99)
    assert b"Marker" not in path.read_bytes()
    assert b"made_at" not in path.read_bytes()


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="another master key"):
        read(sealed(tmp_path, b"body"), OTHER)


def test_two_of_the_same_look_nothing_alike(tmp_path: Path) -> None:
    first = sealed(tmp_path, b"the same").read_bytes()
    assert sealed(tmp_path, b"the same").read_bytes()[32:] != first[32:]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return sealed(tmp_path_factory.mktemp("whole"), b"a" * CHUNK, b"b" * 5000).read_bytes()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.floats(0, 1, exclude_max=True))
def test_a_file_that_is_cut_off_anywhere_is_refused(tmp_path: Path, whole: bytes, cut: float) -> None:
    path = tmp_path / "cut.backup"
    path.write_bytes(whole[: int(len(whole) * cut)])
    with pytest.raises(StoreError):
        read(path)


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_a_file_that_is_cut_off_between_two_frames_is_refused(
    tmp_path: Path, whole: bytes, frames: int
) -> None:
    path, at = tmp_path / "cut.backup", 64
    for _ in range(frames):
        at += 4 + int.from_bytes(whole[at : at + 4], "big")
    path.write_bytes(whole[:at])
    with pytest.raises(StoreError):
        read(path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_changed_bit_anywhere_is_refused(tmp_path: Path, whole: bytes, place: float, bit: int) -> None:
    path, at = tmp_path / "changed.backup", int(len(whole) * place)
    changed = bytearray(whole)
    changed[at] ^= 1 << bit
    path.write_bytes(changed)
    with pytest.raises(StoreError):
        read(path)


def test_frames_in_another_order_are_refused(tmp_path: Path) -> None:
    path = sealed(tmp_path, b"a" * CHUNK, b"b" * CHUNK, b"c")
    whole, at, frames = path.read_bytes(), 64, []
    while at < len(whole):
        size = 4 + int.from_bytes(whole[at : at + 4], "big")
        frames.append(whole[at : at + size])
        at += size
    frames[1], frames[2] = frames[2], frames[1]
    path.write_bytes(whole[:64] + b"".join(frames))
    with pytest.raises(StoreError, match="changed or cut off"):
        read(path)


def test_what_hangs_on_behind_is_refused(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "longer.backup"
    path.write_bytes(whole + b"\0\0\0\x10" + b"x" * 16)
    with pytest.raises(StoreError):
        read(path)


def test_a_newer_form_is_named_and_not_guessed_at(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "newer.backup"
    path.write_bytes(whole[:15] + b"\x02" + whole[16:])
    with pytest.raises(StoreError, match="newer Schoolgate"):
        read(path)


def test_what_fails_on_the_way_leaves_the_older_file_and_nothing_else(tmp_path: Path) -> None:
    path = sealed(tmp_path, b"the older one")

    def breaks():
        yield b"x" * CHUNK
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        written(path, KEY, SERIES, FACTS, breaks())
    assert read(path)[1] == b"the older one"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
