"""Tables of the service itself: when it ran and how it ended, and which mails about its troubles went out. As
monitor/tables.py."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel


class ServiceRunRow(SQLModel, table=True):
    """One time that the service ran. `ended_at` stays null when it was killed, crashed, or the power went."""

    __tablename__ = "service_run"
    id: int | None = Field(default=None, primary_key=True)
    school_id: str = Field(index=True)
    version: str
    started_at: datetime
    seen_at: datetime  # when it last said that it runs, some seconds old at most
    ended_at: datetime | None = None


class IncidentMailRow(SQLModel, table=True):
    """One mail about incidents that one cure mends. `about` is what stays the same of them while their cause changes,
    `sign` says which cause it was, `what` why it was told: opened, changed, unsteady, over."""

    __tablename__ = "incident_mail"
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    about: str = Field(index=True)
    what: str
    sign: str
    at: datetime
