"""Tables of people, keyed hashes only: who may come in (links, codes, sign-ins), the register, the followers.

The same rules as in monitor/tables.py: no methods, no judgement, `school_id` everywhere.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel


class LinkRow(SQLModel, table=True):
    """What a mail's link opens: one case (or the list) for one recipient. Only the token's hash is kept."""

    __tablename__ = "link"
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    token_hash: str = Field(unique=True)
    case_id: int | None = Field(default=None, foreign_key="cases.id")
    role: str
    recipient: str  # keyed hash of the address
    created_at: datetime
    expires_at: datetime


class CodeRow(SQLModel, table=True):
    """A one-time sign-in code that was mailed."""

    __tablename__ = "code"
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    challenge_hash: str = Field(unique=True)  # ties the code to the browser that asked for it
    recipient: str = Field(index=True)
    role: str
    code_hash: str
    created_at: datetime
    expires_at: datetime
    tries: int = 0
    used_at: datetime | None = None


class SignInRow(SQLModel, table=True):
    """A signed-in reviewer's browser. `label` is made of fixed words; `used_at`: the last time that it sent a form."""

    __tablename__ = "sign_in"
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    token_hash: str = Field(unique=True)
    recipient: str
    role: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    label: str = ""
    used_at: datetime | None = None
    device_id: int | None = None  # the remembered device that opened it


class RegisterImportRow(SQLModel, table=True):
    __tablename__ = "register_import"
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    imported_at: datetime
    people: int
    added: int
    changed: int
    left: int


class RegisterRow(SQLModel, table=True):
    """One keyed hash of one person: an e-mail, a full name, a part of a name, a handle. Nothing in clear."""

    __tablename__ = "register_entry"
    __table_args__ = (
        UniqueConstraint("school_id", "person", "kind", "digest"),
        Index("ix_register_digest", "school_id", "kind", "digest"),
    )
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    import_id: int = Field(foreign_key="register_import.id")
    person: str  # opaque: a keyed hash of the office's own id, or of the row
    role: str  # pupil, parent, staff, governor
    kind: str  # email, full, joined, part, slip, handle.x, like.x ...
    digest: bytes = Field(sa_type=LargeBinary)
    restricted: bool = False  # a court order: never verified


class ClaimRow(SQLModel, table=True):
    """A statement "this handle is mine", with the e-mail that is to prove it. Both are kept as keyed hashes, the same
    ones as in the register; `sealed` holds what the mail and the page must show, and is emptied when the claim ends."""

    __tablename__ = "claim"
    __table_args__ = (
        Index("ix_claim_handle", "school_id", "network", "handle"),
        Index("ix_claim_follower", "school_id", "network", "external_id"),
        Index("ix_claim_email", "school_id", "email"),
    )
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    network: str
    email: bytes = Field(sa_type=LargeBinary)
    handle: bytes = Field(sa_type=LargeBinary)
    external_id: str | None = (
        None  # the network's stable id of the follower; null: nobody with this handle is known yet
    )
    person: str | None = None
    role: str | None = None
    way: str  # page, x, facebook, mail
    client: bytes | None = Field(
        default=None, sa_type=LargeBinary
    )  # keyed hash of the day and the asking machine
    code: bytes | None = Field(
        default=None, sa_type=LargeBinary
    )  # keyed hash of a letter's code as typed, good or not
    by_letter: bool = False  # the code was good
    sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    standing: str = "asked"  # a Standing value
    consented_at: datetime
    created_at: datetime = Field(index=True)
    expires_at: datetime  # of the link; once confirmed, of waiting for the follower
    considered_at: datetime | None = None  # null: to do
    token_hash: str | None = Field(default=None, unique=True)
    confirmed_at: datetime | None = None
    revoked_at: datetime | None = None


class FamilyCodeRow(SQLModel, table=True):
    """The code on one family's letter, as a keyed hash, and the opaque ids of the people whom it speaks for."""

    __tablename__ = "family_code"
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    digest: bytes = Field(sa_type=LargeBinary, unique=True)
    people: str  # the register's ids, a space between
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


class InboxRow(SQLModel, table=True):
    """How far the mailbox that families write to was read. Another mailbox in the configuration is another row."""

    __tablename__ = "inbox"
    __table_args__ = (UniqueConstraint("school_id", "mailbox"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    mailbox: bytes = Field(sa_type=LargeBinary)  # keyed hash of server, name and folder
    uid_validity: int | None = Field(
        default=None, sa_type=BigInteger
    )  # with another one every UID means another message
    last_uid: int = Field(default=0, sa_type=BigInteger)  # both are unsigned, of 32 bits (RFC 3501 §2.3.1.1)
    next_due: datetime
    last_success_at: datetime | None = None
    error_count: int = 0


class LetterRow(SQLModel, table=True):
    """One message that was read there, and what became of it; nothing of who wrote what."""

    __tablename__ = "letter"
    __table_args__ = (UniqueConstraint("school_id", "digest"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    digest: bytes = Field(sa_type=LargeBinary)  # keyed hash of the whole message: it is answered once
    outcome: str  # an Outcome value (alerts/inbox/letter.py)
    read_at: datetime = Field(index=True)


class FollowerRow(SQLModel, table=True):
    __tablename__ = "follower"
    __table_args__ = (
        UniqueConstraint("school_id", "account", "external_id"),
        Index("ix_follower_handle", "school_id", "network", "handle"),
    )
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    account: str
    network: str
    external_id: str
    item_id: int = Field(foreign_key="item.id")
    handle: bytes | None = Field(default=None, sa_type=LargeBinary)  # keyed hash of the handle as last judged
    state: str = "new"
    reason: str = ""
    person: str | None = None
    role: str | None = None
    possible: str = (
        ""  # the role of somebody on the register whose name this account's resembles; proves nothing
    )
    first_seen_at: datetime
    verified_at: datetime | None = None  # when the state was last judged; null: to do


class FollowerDecisionRow(SQLModel, table=True):
    """What a reviewer decided of one account, bound to the network's stable id. Of several the newest that was not taken
    back stands. `sealed` holds the reason in their words and the name of who decided."""

    __tablename__ = "follower_decision"
    __table_args__ = (Index("ix_follower_decision", "school_id", "network", "external_id"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    network: str
    external_id: str
    handle: bytes | None = Field(
        default=None, sa_type=LargeBinary
    )  # keyed hash of the handle that was decided on
    choice: str  # a FollowerChoice value
    role: str
    sealed: bytes = Field(sa_type=LargeBinary)
    decided_at: datetime
    review_on: date | None = None  # organisations: when to look again
    undone_at: datetime | None = None
    undone_by: str | None = None


class FollowerStepRow(SQLModel, table=True):
    """What has to be done on the network after a decision about one follower, and what the network showed of it.

    By hand (`guided`): `said_at` when a person says that it is done. By API: `tried` times, `done` what came of it.
    `shown` is the newest read-back, whoever did it. `asked_at`: when the network was asked about this very follower since
    that was said, whatever it told.
    """

    __tablename__ = "follower_step"
    __table_args__ = (UniqueConstraint("school_id", "follower_id", "decision_id"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    follower_id: int = Field(foreign_key="follower.id", index=True)
    decision_id: int = Field(foreign_key="follower_decision.id")
    action: str  # an ActionKind value; by hand the one that the person says was done
    means: str  # by_api or guided
    made_at: datetime
    said_at: datetime | None = None
    said_by: str | None = None
    shown: str = ""  # a Shown value
    shown_at: datetime | None = None
    asked_at: datetime | None = None
    next_attempt_at: datetime | None = None  # by API: when it is due; null: nothing left to try
    tried: int = 0
    done: str | None = None  # by API: a Done value
    detail: str = ""


class FollowedRow(SQLModel, table=True):
    """An account that the school's own account follows, and whether it may. `sealed` holds its handle."""

    __tablename__ = "followed"
    __table_args__ = (UniqueConstraint("school_id", "account", "external_id"),)
    id: int | None = Field(default=None, primary_key=True)
    school_id: str
    account: str
    network: str
    external_id: str
    sealed: bytes = Field(sa_type=LargeBinary)
    allowed: bool
    says: str  # why not
    first_seen_at: datetime
    seen_at: datetime
