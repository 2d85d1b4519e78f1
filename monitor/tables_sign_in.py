"""Tables of remembered devices and of sign-ins elsewhere. Keyed hashes only; nothing here says who somebody is.

The same rules as in monitor/tables.py: no methods, no judgement, `school_id` everywhere.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel


class DeviceRow(SQLModel, table=True):
    """A phone or computer that its owner asked to be remembered. `token` is the keyed hash of what its cookie holds;
    `following` of the one that it was given last and has not shown yet."""

    __tablename__ = "device"
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    recipient: str = Field(index=True)  # keyed hash of the address
    role: str
    label: str  # fixed words, such as "Safari on iPhone"
    token: str = Field(unique=True)
    following: str | None = Field(default=None, unique=True)
    turned_at: datetime | None = None  # when `following` was given
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    why: str = ""  # an Ended value (alerts/devices.py)


class SpentTokenRow(SQLModel, table=True):
    """A token that its device has replaced. Whoever shows it again has an old copy of the cookie."""

    __tablename__ = "device_token"
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    device_id: int = Field(foreign_key="device.id", index=True)
    token: str = Field(unique=True)
    expires_at: datetime


class SpentStateRow(SQLModel, table=True):
    """A sign-in at the school's own account service that has come back once; it may not come back again."""

    __tablename__ = "sign_in_state"
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    state: str = Field(unique=True)  # keyed hash
    expires_at: datetime
