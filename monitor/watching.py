"""An account of the configuration as it is watched: how often each kind is read, and what it may cost."""

from __future__ import annotations

from monitor.domain import ItemKind
from monitor.poll import Watch
from monitor.ports import Connector
from monitor.settings import Account, Settings

POLLED = {
    ItemKind.COMMENT: "poll_every",
    ItemKind.MENTION: "poll_every",
    ItemKind.VISITOR_POST: "poll_every",
    ItemKind.FOLLOWER: "followers_every",
    ItemKind.POST: "posts_every",
}


def watch_of(account: Account, connector: Connector, settings: Settings) -> Watch:
    """Every kind that the connector reads, at the account's own intervals."""
    return Watch(
        key=account.key,
        network=account.network,
        connector=connector,
        intervals={kind: getattr(account, POLLED[kind]) for kind in ItemKind if kind in connector.reads},
        budget=settings.budget.reads_per_month.get(account.network),
        optional_share=settings.budget.optional_stop_percent / 100,
        reconcile_every=account.reconcile_every,
        relist_every=account.relist_every,
        zone=settings.school.zone,
    )
