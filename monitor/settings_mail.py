"""Who is written to, and through which mail server: the tables [roles] and [mail].

Reads nothing and connects to nothing; `monitor.config` loads it.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, SecretStr, model_validator

from monitor.config_names import (
    PERSONAL_MAIL,
    Address,
    Host,
    OAuthAddress,
    SchoolDomain,
    domain_of,
    is_loopback,
)
from monitor.config_values import Between, Line, Table
from monitor.domain import Role

Detail = Literal["minimal", "excerpt", "full"]
SUBMISSION_TLS, SUBMISSION_CLEAR = 465, frozenset({25, 587})  # RFC 8314 §3.3


class Absence(Table):
    """Both days included."""

    first: date = Field(alias="from", description="a date", examples=[date(2026, 12, 21)])
    last: date = Field(alias="to", description="a date", examples=[date(2027, 1, 2)])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            raise ValueError("ends before it starts; write the earlier date under from")
        return self


class Person(Table):
    name: Line = Field(description="a name", examples=["A. Headteacher"])
    email: Address = Field(description="a mail address", examples=["head@school.example"])
    away: tuple[Absence, ...] = Field(default=(), description="a list", examples=[[{"from": "2026-12-21"}]])
    deputy: Role | None = Field(default=None, description="the role that stands in", examples=["deputy"])

    def is_away(self, on: date) -> bool:
        return any(absence.first <= on <= absence.last for absence in self.away)


PERSON = {"name": "A. Person", "email": "person@school.example"}


class Roles(Table):
    headteacher: Person = Field(description="a table", examples=[PERSON])
    office: Person = Field(description="a table", examples=[PERSON])
    it: Person = Field(description="a table", examples=[PERSON])
    dsl: Person | None = None  # designated safeguarding lead
    esafety: Person | None = None  # e-safety coordinator
    deputy: Person | None = None  # deputy headteacher
    chair: Person | None = None  # chair of governors

    def named(self, role: Role) -> Person | None:
        person: Person | None = getattr(self, role.value)
        return person


# Who answers for a role that nobody holds. The headteacher is in no chain: what is about the headteacher goes to the
# chair, and must not come back to the headteacher because no chair is named.
FALL_BACK: dict[Role, tuple[Role, ...]] = {
    Role.DSL: (Role.ESAFETY,),
    Role.ESAFETY: (Role.DSL,),
    Role.DEPUTY: (Role.DSL, Role.ESAFETY),
    Role.CHAIR: (Role.DSL, Role.ESAFETY),
}


class MailAccount(Table):
    """A mail server and who Schoolgate is there. What may be left out has its default where the table is."""

    at: ClassVar[str]  # the table's name
    host: Host = Field(description="the mail server's name", examples=["mail.school.example"])
    port: int = Field(ge=1, le=65_535, description="a port")
    security: Literal["starttls", "tls", "none"] = Field(description="how the connection is protected")
    auth: Literal["password", "xoauth2", "none"] = Field(
        default="password", description="how to sign in at the mail server", examples=["password"]
    )
    username: str = Field(
        default="", description="the name to sign in with", examples=["alerts@school.example"]
    )
    password: SecretStr | None = Field(default=None, description="the password", examples=["…"])
    oauth_token_url: OAuthAddress | None = Field(
        default=None, description="where tokens are fetched", examples=["https://login.school.example/token"]
    )
    oauth_client_id: str = Field(default="", description="the application's id", examples=["schoolgate"])
    oauth_client_secret: SecretStr | None = Field(
        default=None, description="the application's secret", examples=["…"]
    )
    oauth_scope: str = Field(
        default="", description="what is asked for", examples=["https://outlook.office365.com/.default"]
    )

    def cannot_sign_in(self, secured: int, in_clear: frozenset[int]) -> list[str]:
        """What is wrong, one "key: what; cure" a problem. `secured` is the port that speaks TLS from its first byte,
        `in_clear` those that start without."""
        wrong = []
        if self.security == "none" and not is_loopback(self.host):
            wrong.append('security: "none" sends everything in clear; write "starttls" or "tls"')
        if self.security == "starttls" and self.port == secured:
            start_clear = max(in_clear)
            wrong.append(
                f'security: port {secured} speaks TLS from its first byte; write "tls", or port = {start_clear}'
            )
        if self.security == "tls" and self.port in in_clear:
            wrong.append(f'security: port {self.port} starts in clear; write "starttls", or port = {secured}')
        needs = {
            "password": ("username", "password"),
            "xoauth2": (
                "username",
                "oauth_token_url",
                "oauth_client_id",
                "oauth_client_secret",
                "oauth_scope",
            ),
            "none": (),
        }[self.auth]
        wrong += [
            f'{name}: is missing, and auth = "{self.auth}" needs it; write it, or change {self.at}.auth'
            for name in needs
            if not getattr(self, name)
        ]
        return wrong


class Mail(MailAccount):
    at: ClassVar[str] = "mail"
    host: Host = Field(description="the mail server's name", examples=["smtp.school.example"])
    port: int = Field(default=587, ge=1, le=65_535, description="a port", examples=[587])
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="how the connection is protected", examples=["starttls"]
    )
    sender: Address = Field(
        description="the address that alerts come from", examples=["alerts@school.example"]
    )
    sender_name: Line = Field(default="Schoolgate", description="the name beside it", examples=["Schoolgate"])
    allowed_recipient_domains: tuple[SchoolDomain, ...] = Field(
        min_length=1, description="a list of the school's mail domains", examples=[["school.example"]]
    )
    timeout: Annotated[timedelta, Between("1s", "5m")] = Field(
        default=timedelta(seconds=20), description="an interval", examples=["20s"]
    )
    detail: Detail = Field(
        default="minimal", description="how much of a text a mail shows", examples=["minimal"]
    )
    detail_for: dict[Role, Detail] = Field(
        default_factory=dict, description="a role and its detail", examples=[{"headteacher": "excerpt"}]
    )

    def detail_of(self, role: Role) -> Detail:
        return self.detail_for.get(role, self.detail)

    @model_validator(mode="after")
    def _can_sign_in(self) -> Self:
        wrong = self.cannot_sign_in(SUBMISSION_TLS, SUBMISSION_CLEAR)
        if self.auth == "none" and self.password:
            wrong.append('password: is given, but auth = "none" never uses it; remove one of the two')
        if domain_of(self.sender) in PERSONAL_MAIL:
            wrong.append("sender: is an address at a personal mail provider; write one of the school's own")
        if wrong:
            raise ValueError("\n".join(wrong))
        return self
