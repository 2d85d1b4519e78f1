from __future__ import annotations

import hmac

import pytest

from monitor.errors import StoreError
from monitor.vault import KEY_ID, Sealer, Vault, token_hash

KEY = bytes(range(32))


def test_what_is_sealed_opens_again() -> None:
    vault = Vault(KEY)
    text = {"text": "Zoë \ud83d \u202e", "n": None}
    assert vault.unseal_json(vault.seal_json(text, "a"), "a") == text


def test_the_same_text_is_sealed_differently_each_time() -> None:
    vault = Vault(KEY)
    assert vault.seal(b"x", "a") != vault.seal(b"x", "a")


@pytest.mark.parametrize("how", ["another key", "another place", "a changed byte", "cut short"])
def test_what_was_tampered_with_does_not_open(how: str) -> None:
    vault = Vault(KEY)
    sealed = vault.seal(b"a private sentence", "a")
    opener, place = vault, "a"
    if how == "another key":
        opener = Vault(bytes(32))
    elif how == "another place":
        place = "b"
    elif how == "a changed byte":
        sealed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    else:
        sealed = sealed[:5]
    with pytest.raises(StoreError, match="does not open"):
        opener.unseal(sealed, place)


def test_the_plain_text_is_not_in_what_is_sealed() -> None:
    assert b"private" not in Vault(KEY).seal(b"a private sentence", "a")


def test_a_keyed_hash_depends_on_key_and_kind() -> None:
    one = Vault(KEY).digest("email", "a@b.example")
    assert one == Vault(KEY).digest("email", "a@b.example")
    assert one != Vault(KEY).digest("name", "a@b.example")
    assert one != Vault(bytes(32)).digest("email", "a@b.example")


@pytest.mark.parametrize("value", ["", "Zoë \ud83d", "a" * 1000])
def test_a_keyed_hash_is_hmac_sha256_of_kind_and_value(value: str) -> None:
    vault = Vault(KEY)
    message = b"name\0" + value.encode("utf-8", "surrogatepass")
    assert vault.digest("name", value) == hmac.digest(vault.key("keyed-hash"), message, "sha256")


def test_each_purpose_has_its_own_key() -> None:
    vault = Vault(KEY)
    assert len({vault.key("a"), vault.key("b"), KEY}) == 3


def test_a_short_master_key_is_refused() -> None:
    with pytest.raises(StoreError, match="32 bytes"):
        Vault(b"short")


def test_a_token_is_kept_as_its_hash() -> None:
    assert token_hash("abc") != "abc"
    assert len(token_hash("abc")) == 64


def test_of_very_many_open_keys_the_newest_stay_in_memory() -> None:
    """One that was just made is in no committed row yet: it is nowhere else."""
    vault = Vault(KEY)
    sealed = []
    for number in range(6000):
        key_id = number.to_bytes(KEY_ID, "big")
        sealed.append(Sealer(vault, key_id, vault.hold(key_id, KEY)).seal(b"x", "a"))
    assert {vault.unseal(one, "a") for one in sealed[-1000:]} == {b"x"}
    with pytest.raises(StoreError, match="its key is not in this database"):
        vault.unseal(sealed[0], "a")
