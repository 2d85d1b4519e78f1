"""Sealing at rest and keyed hashes, all from one master key that is never in the database or its backups.

What is stored is sealed with a key of its own (a case's, a day's, a month's: monitor/keys.py) that lies in the database,
wrapped: destroy that and everything sealed with it is gone. Sub-keys of the master key come by HKDF-SHA256 (RFC 5869),
one a purpose; sealing is AES-256-GCM with a random 96-bit nonce.

Sealed value, version 2: 02, id of its key (16 bytes), nonce (12), ciphertext with tag. Version 1, sealed with the master
key's own sub-key: 01, nonce, ciphertext with tag; it is read wherever it still stands, and never stored any more.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from monitor.errors import ErasedError, StoreError
from monitor.kept import Kept

KEY_ID = 16
KEPT = ("keyed-hash", "message-id")  # sub-keys that outlive a master key: what they made must stay the same
PLAIN_SEALING = "sealing"  # the sub-key of version 1
SECRET, NEXT, LAST = "secret", "next", "last"  # purposes of wrapped keys that the vault looks for itself
MASTER = 32  # bytes; AES-256
_NONCE = 12
_PLAIN, _KEYED = b"\x01", b"\x02"
_MOST_OPEN = 4096  # keys kept in memory
_MOST_KINDS = 64  # of values that are hashed
_NO = "a sealed value does not open: storage.master_key is not the key that this database was made with"


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A row of the table of keys as a value."""

    school: str
    key_id: bytes
    purpose: str
    ref: str
    wrapped: bytes
    wrapped_by: str
    destroyed_at: datetime | None = None

    @property
    def bound(self) -> bytes:
        """What it is wrapped together with, so that a key in another's place does not open."""
        return f"sealing_key\0{self.school}\0{self.purpose}\0{self.ref}\0{self.key_id.hex()}".encode()


class Ring(Protocol):
    """Where the wrapped keys lie."""

    def by_id(self, key_id: bytes) -> WrappedKey | None:
        """The key of this id, destroyed or not."""
        ...

    def by_name(self, purpose: str, ref: str | None = None) -> WrappedKey | None:
        """The newest one that is not destroyed."""
        ...


class Seals(Protocol):
    """What rows are sealed with: a `Sealer`, or the vault itself for what is not stored."""

    def seal(self, value: bytes, place: str) -> bytes: ...
    def seal_json(self, value: Any, place: str) -> bytes: ...
    def digest(self, kind: str, value: str) -> bytes: ...


class Vault:
    """`master`: 32 bytes. `place` binds a sealed value to its column, so that a value moved elsewhere does not open.

    Without a `ring` it opens nothing of version 2. A key that was opened stays in this process's memory.
    """

    def __init__(self, master: bytes, ring: Ring | None = None) -> None:
        if len(master) != MASTER:
            raise StoreError("storage.master_key must be 32 bytes; `schoolgate init` makes one")
        self._master = master
        self._ring = ring
        self._sealing = AESGCM(self.derived(PLAIN_SEALING))
        self.wrapping = self.derived("key-wrapping")
        self.fingerprint = self.derived("fingerprint")[:8].hex()
        self._open: dict[bytes, AESGCM] = {}

    def bound(self, ring: Ring) -> Vault:
        """The same vault with a database's keys."""
        return Vault(self._master, ring)

    def derived(self, purpose: str) -> bytes:
        """32 bytes for one purpose, of this master key."""
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"schoolgate/{purpose}".encode()).derive(
            self._master
        )

    def key(self, purpose: str) -> bytes:
        """32 bytes for one purpose. Those in KEPT stay the same when the master key is changed."""
        if purpose in KEPT and self._ring is not None:
            kept = self._ring.by_name(SECRET, purpose)
            if kept is not None:
                return self.unwrap(kept)
        return self.derived(purpose)

    def seal(self, value: bytes, place: str) -> bytes:
        """For what is not stored, such as a form's hidden field: it cannot be erased by destroying its key."""
        nonce = os.urandom(_NONCE)
        return _PLAIN + nonce + self._sealing.encrypt(nonce, value, place.encode())

    def seal_json(self, value: Any, place: str) -> bytes:
        return self.seal(as_json(value), place)

    def unseal(self, sealed: bytes, place: str) -> bytes:
        """The value; ErasedError when its key was destroyed, StoreError when the key is another or bytes were changed."""
        start = 1 + (KEY_ID if sealed[:1] == _KEYED else 0)
        opener = self._opener(sealed[1:start]) if start > 1 else self._sealing
        try:
            return opener.decrypt(sealed[start : start + _NONCE], sealed[start + _NONCE :], place.encode())
        except (InvalidTag, ValueError) as error:
            if start == 1 and self._ring is not None:
                return self._of_last(sealed, place)
            raise StoreError(_NO) from error

    def unseal_json(self, sealed: bytes, place: str) -> Any:
        return json.loads(self.unseal(sealed, place).decode("utf-8", "surrogatepass"))

    def _of_last(self, sealed: bytes, place: str) -> bytes:
        """A value of version 1 that the master key before this one sealed, while that is still known."""
        assert self._ring is not None
        last = self._ring.by_name(LAST)
        if last is None or last.wrapped_by != self.fingerprint:
            raise StoreError(_NO)
        try:
            return AESGCM(self.unwrap(last)).decrypt(
                sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], place.encode()
            )
        except (InvalidTag, ValueError) as error:
            raise StoreError(_NO) from error

    def _opener(self, key_id: bytes) -> AESGCM:
        held = self._open.get(key_id)
        if held is not None:
            return held
        found = self._ring.by_id(key_id) if self._ring is not None else None
        if found is None:
            raise StoreError("a sealed value does not open: its key is not in this database")
        return self.opener(found)

    def opener(self, key: WrappedKey) -> AESGCM:
        """What seals and opens with this key; errors as in `unwrap`."""
        held = self._open.get(key.key_id)
        return self.hold(key.key_id, self.unwrap(key)) if held is None else held

    def hold(self, key_id: bytes, key: bytes) -> AESGCM:
        """Keep an open key in memory: one that was just made is in no committed row yet."""
        if len(self._open) >= _MOST_OPEN:
            for oldest in list(self._open)[: _MOST_OPEN // 2]:  # a list: other threads add and take meanwhile
                self._open.pop(oldest, None)
        opener = self._open[key_id] = AESGCM(key)
        return opener

    def let_go(self, key_id: bytes) -> None:
        """Forget an open key."""
        self._open.pop(key_id, None)

    def unwrap(self, key: WrappedKey) -> bytes:
        """The key itself; ErasedError when it was destroyed, StoreError when another master key wrapped it."""
        if key.destroyed_at is not None:
            raise ErasedError(
                f"what was sealed here was erased: its key was destroyed on {key.destroyed_at:%Y-%m-%d}"
            )
        with_key = self.wrapping
        if key.wrapped_by != self.fingerprint:
            coming = self._ring.by_name(NEXT, key.wrapped_by) if self._ring is not None else None
            if coming is None or coming.wrapped_by != self.fingerprint:
                raise StoreError(_NO)
            with_key = self.unwrap(coming)
        return unwrapped(key, with_key)

    @cached_property
    def _hashing(self) -> tuple[Kept[Any], Any]:
        """The two hashes that have taken in the padded key: the inner one by kind, with the kind in it, and the outer."""
        hashing = self.key("keyed-hash")
        inner, outer = (
            hashlib.sha256(bytes(byte ^ pad for byte in hashing.ljust(64, b"\0"))) for pad in (0x36, 0x5C)
        )

        def of_kind(kind: str) -> Any:
            begun = inner.copy()
            begun.update(kind.encode() + b"\0")
            return begun

        return Kept(of_kind, _MOST_KINDS), outer

    def digest(self, kind: str, value: str) -> bytes:
        """Keyed hash of a value of one kind: HMAC-SHA256, 32 bytes. The kind keeps an e-mail from matching a name.

        Each starts from copies of two hashes that have taken in the padded key (RFC 2104, section 4), which takes a
        third of the time of `hmac.digest`: the words of every text are looked for in this way.
        """
        kinds, second = self._hashing
        inner, outer = kinds[kind].copy(), second.copy()
        inner.update(value.encode("utf-8", "surrogatepass"))
        outer.update(inner.digest())
        digest: bytes = outer.digest()
        return digest


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals with one key of the database's. `vault` makes the keyed hashes that stand beside."""

    vault: Vault
    key_id: bytes
    opener: AESGCM

    def seal(self, value: bytes, place: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return _KEYED + self.key_id + nonce + self.opener.encrypt(nonce, value, place.encode())

    def seal_json(self, value: Any, place: str) -> bytes:
        return self.seal(as_json(value), place)

    def digest(self, kind: str, value: str) -> bytes:
        return self.vault.digest(kind, value)


def as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def key_id_of(sealed: bytes) -> bytes | None:
    """Which key a value was sealed with; None for one of version 1, or none at all."""
    return sealed[1 : 1 + KEY_ID] if sealed[:1] == _KEYED else None


def wrapped(key: bytes, kept: WrappedKey, with_key: bytes) -> bytes:
    """`key` wrapped for the row that `kept` describes."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(with_key).encrypt(nonce, key, kept.bound)


def unwrapped(kept: WrappedKey, with_key: bytes) -> bytes:
    """The key in a row; StoreError when `with_key` is another, or the row was changed or stands in another's place."""
    try:
        return AESGCM(with_key).decrypt(kept.wrapped[:_NONCE], kept.wrapped[_NONCE:], kept.bound)
    except (InvalidTag, ValueError) as error:
        raise StoreError(
            "a key in the database does not open: it was changed, or stands in another's place"
        ) from error


def token_hash(token: str) -> str:
    """What the database keeps of a link, code challenge or sign-in token: SHA-256, hex. Tokens are 192 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
