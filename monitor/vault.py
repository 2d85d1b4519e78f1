"""Sealing at rest and keyed hashes, all from one master key that is never in the database or its backups.

Sub-keys come by HKDF-SHA256 (RFC 5869), one a purpose; sealing is AES-256-GCM with a random 96-bit nonce.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from monitor.errors import StoreError

_NONCE = 12
_VERSION = b"\x01"


class Vault:
    """`master`: 32 bytes. `place` binds a sealed value to its column, so that a value moved elsewhere does not open."""

    def __init__(self, master: bytes) -> None:
        if len(master) != 32:  # noqa: PLR2004 - AES-256
            raise StoreError("storage.master_key must be 32 bytes; `schoolgate init` makes one")
        self._master = master
        self._sealing = AESGCM(self.key("sealing"))
        hashing = self.key("keyed-hash")
        self._inner, self._outer = (
            hashlib.sha256(bytes(byte ^ pad for byte in hashing.ljust(64, b"\0"))) for pad in (0x36, 0x5C)
        )

    def key(self, purpose: str) -> bytes:
        """32 bytes for one purpose."""
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"schoolgate/{purpose}".encode()).derive(
            self._master
        )

    def seal(self, value: bytes, place: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return _VERSION + nonce + self._sealing.encrypt(nonce, value, place.encode())

    def unseal(self, sealed: bytes, place: str) -> bytes:
        """The value; StoreError when the key is another or the bytes were changed."""
        nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        try:
            return self._sealing.decrypt(nonce, body, place.encode())
        except (InvalidTag, ValueError) as error:
            raise StoreError(
                "a sealed value does not open: storage.master_key is not the key that this database was made with"
            ) from error

    def seal_json(self, value: Any, place: str) -> bytes:
        return self.seal(
            json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"),
            place,
        )

    def unseal_json(self, sealed: bytes, place: str) -> Any:
        return json.loads(self.unseal(sealed, place).decode("utf-8", "surrogatepass"))

    def digest(self, kind: str, value: str) -> bytes:
        """Keyed hash of a value of one kind: HMAC-SHA256, 32 bytes. The kind keeps an e-mail from matching a name.

        Each starts from copies of the two hashes that have taken in the padded key (RFC 2104, section 4), which takes a
        third of the time of `hmac.digest`: the words of every text are looked for in this way.
        """
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(kind.encode() + b"\0" + value.encode("utf-8", "surrogatepass"))
        outer.update(inner.digest())
        return outer.digest()


def token_hash(token: str) -> str:
    """What the database keeps of a link, code challenge or sign-in token: SHA-256, hex. Tokens are 192 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
