"""From the configuration to what signing in needs: the account services, and the mails about codes and devices."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from alerts.compose import compose_code
from alerts.desk import Desk, Reader
from alerts.device_news import DeviceNews, compose_device
from alerts.oidc import Service
from alerts.outbox import enqueue
from alerts.views import CodeView
from monitor.config import Settings
from monitor.domain import Reason, Role
from monitor.store import Store


def services_of(settings: Settings) -> dict[str, Service]:
    """The account services where reviewers may sign in, by the names that the configuration gives them."""
    return {
        name: Service(
            one.title,
            issuer=one.issuer,
            client_id=one.client_id,
            client_secret=one.client_secret.get_secret_value(),
            back=f"{settings.page.public_url}/sign-in/with/{name}/back",
        )
        for name, one in settings.sign_in.oidc.items()
    }


def send_code(
    settings: Settings,
    store: Store,
    desk: Desk,
    session: Session,
    role: Role,
    address: str,
    code: str,
    now: datetime,
) -> None:
    """Put the sign-in code's mail into the outbox, in the transaction that stores the code's hash."""
    stamp = desk.stamp(Reader(role, address), store.school, "code", code, now.isoformat(), now=now)
    view = CodeView(code=code, asked_at=now, until=now + settings.page.code_valid)
    enqueue(
        store,
        session,
        now=now,
        dedup_key=f"code:{stamp.message_id}",
        role=role,
        recipient=address,
        reason=Reason.SIGN_IN_CODE,
        message_id=stamp.message_id,
        message=compose_code(view, stamp),
    )


def send_device_news(
    store: Store, desk: Desk, session: Session, role: Role, address: str, news: DeviceNews, now: datetime
) -> None:
    """Put the mail about a remembered device into the outbox, in the transaction that stores what it tells."""
    kind = "copied" if news.copied else "remembered"
    stamp = desk.stamp(
        Reader(role, address), store.school, "device", str(news.device_id), kind, now.isoformat(), now=now
    )
    enqueue(
        store,
        session,
        now=now,
        dedup_key=f"device:{news.device_id}:{kind}",
        role=role,
        recipient=address,
        reason=Reason.DEVICE,
        message_id=stamp.message_id,
        message=compose_device(news, stamp),
    )
