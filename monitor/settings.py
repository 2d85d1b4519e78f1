"""What can be configured: one model a table of config.toml, with its defaults, bounds and the words for its cure.

Holds no file name and reads nothing; `monitor.config` loads it. Every `description` with its first `examples` entry
is the cure that a wrong value is answered with, so both are written for a technician.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    Field,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from monitor import config_values as kind
from monitor.config_names import Domain, Listen, Phone, WebAddress
from monitor.config_values import Between, Line, Slug, Table
from monitor.domain import Role
from monitor.settings_backup import Backup
from monitor.settings_cases import PileOns
from monitor.settings_claims import Claims
from monitor.settings_doors import Outside
from monitor.settings_drill import Drill
from monitor.settings_evidence import Evidence
from monitor.settings_followers import Followers
from monitor.settings_kept import Budget, Log, Retention, Storage
from monitor.settings_mail import FALL_BACK, Mail, Person, Roles
from monitor.settings_replies import Replies
from monitor.settings_reports import Reports
from monitor.settings_sign_in import SignIn
from monitor.settings_telling import Alerts, Calendar, Hours
from monitor.settings_watching import Watching


class School(Table):
    id: Slug = Field(default="school", description="a short key", examples=["school"])
    name: Line = Field(description="the school's name", examples=["St Mary's Primary School"])
    case_prefix: Annotated[str, Field(pattern="^[A-Z]{2,4}$")] = Field(
        description="2 to 4 capital letters that start every case number", examples=["SM"]
    )
    timezone: Annotated[str, AfterValidator(kind.timezone)] = Field(
        default="Europe/London", description="a time zone", examples=["Europe/London"]
    )
    jurisdiction: Literal["england", "wales", "scotland", "northern_ireland"] = Field(
        default="england", description="a nation whose guidance applies", examples=["england"]
    )

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Account(Table):
    """One official profile. `settings` holds the keys that only its network's connector knows; secrets in it are
    SecretStr, already read from wherever they were kept."""

    key: Slug = Field(description="a short key", examples=["x-main"])
    network: Slug = Field(description="the network's name", examples=["x"])
    handle: Line = Field(description="the profile's handle, without @", examples=["StMarysExample"])
    name: str = Field(default="", description="what mails call this account", examples=["St Mary's on X"])
    poll_every: Annotated[timedelta, Between("10s", "24h")] = Field(
        default=timedelta(minutes=10), description="an interval", examples=["10m"]
    )
    followers_every: Annotated[timedelta, Between("10s", "7d")] = Field(
        default=timedelta(hours=1), description="an interval", examples=["1h"]
    )
    reconcile_every: Annotated[timedelta, Between("1d", "90d")] = Field(
        default=timedelta(days=7), description="an interval", examples=["7d"]
    )
    relist_every: Annotated[timedelta, Between("1d", "365d")] = Field(
        default=timedelta(days=28), description="an interval", examples=["28d"]
    )
    posts_every: Annotated[timedelta, Between("10s", "7d")] = Field(
        default=timedelta(hours=1), description="an interval", examples=["1h"]
    )
    paused: bool = Field(default=False, description="true or false")
    settings: dict[str, Any] = Field(default_factory=dict, description="this network's own keys")

    @model_validator(mode="after")
    def _named(self) -> Self:
        object.__setattr__(self, "handle", self.handle.removeprefix("@"))
        object.__setattr__(self, "name", kind.line(self.name) if self.name else self.handle)
        return self


class Page(Table):
    """The page that a link in a mail opens. `listen` is where this process answers, `public_url` what links start with."""

    listen: Listen = Field(
        default="127.0.0.1:8080", description="address and port", examples=["127.0.0.1:8080"]
    )
    public_url: WebAddress = Field(
        description="the address that reviewers open", examples=["https://schoolgate.school.example"]
    )
    session: Annotated[timedelta, Between("5m", "7d")] = Field(
        default=timedelta(hours=12), description="an interval", examples=["12h"]
    )
    code_valid: Annotated[timedelta, Between("1m", "10m")] = Field(  # no longer: ASVS 5.0 6.5.5
        default=timedelta(minutes=10), description="an interval", examples=["10m"]
    )
    link_valid: Annotated[timedelta, Between("1h", "90d")] = Field(
        default=timedelta(days=14), description="an interval", examples=["14d"]
    )

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])


class Detection(Table):
    model: Literal["on", "off"] = Field(default="on", description='"on" or "off"', examples=["off"])
    rules: Path | None = Field(default=None, description="a folder", examples=["rules"])
    silenced: tuple[Line, ...] = Field(default=(), description="a list of rule ids", examples=[["name.part"]])
    shadow: tuple[Line, ...] = Field(
        default=(), description="a list of rule ids", examples=[["spam.selling"]]
    )
    school_phones: tuple[Phone, ...] = Field(
        default=(), description="a list of numbers", examples=[["020 7946 0000"]]
    )
    school_domains: tuple[Domain, ...] = Field(
        default=(), description="a list of domains", examples=[["school.example"]]
    )

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if both := sorted(set(self.silenced) & set(self.shadow)):
            raise ValueError(f"shadow: {', '.join(both)} is silenced too; keep it in one of the two lists")
        return self


class Settings(BaseSettings):
    """The whole configuration, checked."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        env_prefix="SCHOOLGATE_",
        env_nested_delimiter="__",
    )

    school: School
    account: tuple[Account, ...] = ()
    roles: Roles
    hours: Hours = Hours()
    calendar: Calendar = Calendar()
    alerts: Alerts = Alerts()
    mail: Mail
    page: Page
    sign_in: SignIn = SignIn()
    detection: Detection = Detection()
    followers: Followers = Followers()
    claims: Claims = Claims()
    doors: Outside = Outside()
    replies: Replies | None = None
    reports: Reports = Reports()
    drill: Drill = Drill()
    pile_on: PileOns = PileOns()
    retention: Retention = Retention()
    evidence: Evidence = Evidence()
    budget: Budget = Budget()
    watching: Watching = Watching()
    storage: Storage
    backup: Backup = Backup()
    log: Log = Log()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is passed in: `monitor.config` layers file, credentials and the environment it is given."""
        return (init_settings,)

    def role_for(self, role: Role, on: date | None = None) -> Role:
        """The role that answers for `role`: itself; its named deputy while it is away `on` that day; or, where nobody
        holds it, the first of FALL_BACK that is held."""
        held = role if self.roles.named(role) else next(r for r in FALL_BACK[role] if self.roles.named(r))
        seen = {held}
        person = self.roles.named(held)
        while on and person and person.is_away(on) and person.deputy and person.deputy not in seen:
            if self.roles.named(person.deputy) is None:
                break
            held = person.deputy
            seen.add(held)
            person = self.roles.named(held)
        return held

    def recipients(self, role: Role, on: date | None = None) -> Person:
        """Whom to write to for `role`. Never None: loading refuses a configuration that would leave a role empty."""
        person = self.roles.named(self.role_for(role, on))
        if person is None:
            raise LookupError(role)
        return person
