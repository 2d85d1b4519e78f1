"""A file sealed as a stream, for backups: written whole or not at all, and read only where nothing was changed or cut off.

Version 1: 16 bytes of magic, version and series (whose file it is, readable without a key), 32 of salt; then frames, each
four bytes of length and AES-256-GCM of at most CHUNK bytes. The file's key is HKDF-SHA256 (RFC 5869) of the caller's
with the salt, the nonce counts the frames and says which is the last (the STREAM construction of Hoang, Reyhanitabar,
Rogaway and Vizár, 2015), and the beginning is bound to every frame. The first frame holds the facts, as JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from monitor.errors import StoreError

MAGIC = b"SCHOOLGATE/SEAL"  # 15 bytes, then the version
VERSION = 1
SERIES = 16  # bytes
CHUNK = 1 << 20
_SALT = 32
_TAG = 16
_START = len(MAGIC) + 1 + SERIES + _SALT


def written(
    target: Path,
    key: bytes,
    series: bytes,
    facts: Mapping[str, Any],
    body: Iterable[bytes],
    *,
    settled: Callable[[], None] = lambda: None,
) -> None:
    """Seal `body` into `target` (0600), over what stood there: on the disk whole before it gets its name. `settled` runs
    between the two. OSError as the disk gives it; then nothing of it stays."""
    start = MAGIC + bytes([VERSION]) + series.ljust(SERIES, b"\0") + os.urandom(_SALT)
    cipher = _cipher(key, start)
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(start)
            file.flush()  # whose it is, should this be killed
            frames = _cut(json.dumps(facts).encode(), body)
            frame, number = next(frames), 0
            for following in frames:
                _frame(file, cipher, start, number, frame, last=False)
                frame, number = following, number + 1
            _frame(file, cipher, start, number, frame, last=True)
            file.flush()
            os.fsync(file.fileno())
        owned_as_its_folder(part)
        settled()
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    settle_folder(target.parent)


@contextlib.contextmanager
def opened(path: Path, key: bytes) -> Iterator[tuple[dict[str, Any], Iterator[bytes]]]:
    """The facts, and the body in pieces. StoreError where the key is another, or a byte was changed, added or cut off:
    at the latest when the body has been read to its end, so nothing of it may be believed before."""
    with path.open("rb") as file:
        start = _start(file, path)
        pieces = _pieces(file, _cipher(key, start), start, path)
        yield json.loads(next(pieces)), pieces


def series_of(path: Path) -> bytes | None:
    """Whose file it is; None where it is no sealed file."""
    with path.open("rb") as file:
        start = file.read(_START)
    if len(start) < _START or not start.startswith(MAGIC):
        return None
    return start[len(MAGIC) + 1 :][:SERIES]


def settle_folder(folder: Path) -> None:
    """Names that were given or taken in this folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def owned_as_its_folder(path: Path) -> None:
    """What root makes in the service's folder is the service's own, or it could not be read or replaced there."""
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.chown(path, folder.st_uid, folder.st_gid)


def _cipher(key: bytes, start: bytes) -> AESGCM:
    salt = start[-_SALT:]
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"schoolgate/sealed-file").derive(key))


def _start(file: BinaryIO, path: Path) -> bytes:
    start = file.read(_START)
    if not start.startswith(MAGIC) or len(start) < _START:
        raise StoreError(f"{path} is not a backup that Schoolgate made; name one")
    if start[len(MAGIC)] != VERSION:
        raise StoreError(f"{path} was made by a newer Schoolgate; restore it with that version")
    return start


def _cut(facts: bytes, body: Iterable[bytes]) -> Iterator[bytes]:
    yield facts
    for piece in body:
        for at in range(0, len(piece), CHUNK):
            yield piece[at : at + CHUNK]


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _frame(file: BinaryIO, cipher: AESGCM, start: bytes, number: int, frame: bytes, *, last: bool) -> None:
    sealed = cipher.encrypt(_nonce(number, last=last), frame, start)
    file.write(struct.pack(">I", len(sealed)) + sealed)


def _pieces(file: BinaryIO, cipher: AESGCM, start: bytes, path: Path) -> Iterator[bytes]:
    length, number, last = file.read(4), 0, False
    if not length:
        raise StoreError(f"{path} is cut off; take another backup")
    while length:
        size = int.from_bytes(length, "big")
        sealed = file.read(size) if len(length) == 4 and _TAG <= size <= CHUNK + _TAG else b""  # noqa: PLR2004 - as packed
        length = file.read(4)
        last = not length
        try:
            piece = cipher.decrypt(_nonce(number, last=last), sealed, start)
        except (InvalidTag, ValueError) as error:
            why = "was changed or cut off" if number else "was changed, or made with another master key"
            raise StoreError(
                f"{path} does not open: it {why}; take another backup, or name its key"
            ) from error
        yield piece
        number += 1
