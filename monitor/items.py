"""Items as rows and back. Knows what is sealed; decides nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.domain import ActionKind, Author, Item, ItemKind
from monitor.errors import StoreError
from monitor.tables import ItemRow
from monitor.vault import Seals, Vault

SEALED = "item.sealed"
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=2)  # clocks and zones differ


def content(item: Item) -> str:
    """What makes a new version when it changes: the text; for a follower also who they say they are."""
    if item.kind is ItemKind.FOLLOWER:
        author = item.author
        return "\0".join((author.handle or "", author.name or "", author.bio or ""))
    return item.text


def opened(row: ItemRow, vault: Vault) -> Item | None:
    """The item of a row; None where it is damaged, so that what was to be done ends and what waits behind it goes on."""
    try:
        return from_row(row, vault)
    except StoreError:
        return None


def to_row(
    item: Item,
    seals: Seals,
    *,
    school: str,
    network: str,
    version: int,
    now: datetime,
    baseline: bool,
    api: str = "",
) -> ItemRow:
    """A row for one version of an item, not assessed yet, sealed with `seals`. `api`: which interface of the network
    returned it."""
    author = item.author
    sealed = {
        "text": item.text,
        "author": {
            "external_id": author.external_id,
            "handle": author.handle,
            "name": author.name,
            "bio": author.bio,
        },
        "url": item.url,
        "raw": dict(item.raw),
        "has_media": item.has_media,
        "api": api,
    }
    return ItemRow(
        school_id=school,
        account=item.account,
        network=network,
        kind=item.kind.value,
        external_id=item.external_id,
        version=version,
        target_id=item.target_id,
        thread_id=item.thread_id,
        parent_id=item.parent_id,
        author_id=author.external_id,
        sealed=seals.seal_json(sealed, SEALED),
        digest=seals.digest("item", content(item)),
        posted_at=_plausible(item.posted_at, now),
        seen_at=now,
        baseline=baseline,
        hidden=item.hidden,
        refused=",".join(sorted(item.refused)),
    )


def _plausible(posted_at: datetime | None, now: datetime) -> datetime | None:
    """None for a time before there were such networks or well after now: the years 1 and 9999 have no local time."""
    if posted_at is None or not _EARLIEST <= posted_at <= now + _AHEAD:
        return None
    return posted_at


def from_row(row: ItemRow, vault: Vault) -> Item:
    """The item as it was polled; of one that was pruned only what names it is left."""
    sealed: dict[str, Any] = (
        vault.unseal_json(row.sealed, SEALED)
        if row.pruned_at is None
        else {
            "text": "",
            "author": {"external_id": row.author_id},
            "url": None,
            "raw": {},
            "has_media": False,
        }
    )
    return Item(
        account=row.account,
        kind=ItemKind(row.kind),
        external_id=row.external_id,
        text=sealed["text"],
        author=Author(**sealed["author"]),
        posted_at=row.posted_at,
        url=sealed["url"],
        parent_id=row.parent_id,
        thread_id=row.thread_id,
        target_id=row.target_id,
        has_media=sealed["has_media"],
        hidden=row.hidden,
        refused=frozenset(ActionKind(word) for word in row.refused.split(",") if word),
        raw=sealed["raw"],
    )


def api_of(row: ItemRow, vault: Vault) -> str | None:
    """Which interface of the network returned it; None where that was not noted, or is no longer kept."""
    if row.pruned_at is not None:
        return None
    return vault.unseal_json(row.sealed, SEALED).get("api") or None
