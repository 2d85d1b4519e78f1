"""A time stamp of the audit log's head by an authority outside (RFC 3161): the log was so, at the latest, then.

The authority is told the SHA-256 of the head and nothing else. Its answer is checked in full (signature, chain up to the
school's own root certificate, nonce, what was stamped) before it is kept.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import requests
import urllib3
from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from sqlmodel import Session, col, select

from monitor.deadline import Deadline
from monitor.errors import MonitorError
from monitor.heads import newest
from monitor.incidents import close_incident, open_incident
from monitor.store import Store
from monitor.tables_evidence import HeadRow
from monitor.timed_http import TimedAdapter

EVERY = timedelta(hours=23)  # the daily check's own tick may come a little early
INCIDENT = "timestamp"
SAID_IN = "time stamp"
_TIMEOUT = (5, 15)  # seconds: to connect, and for each piece of the answer
_TOTAL = 60  # seconds for the whole of it
_MOST = 64 * 1024  # bytes of an answer; one with its chain takes 6 kB


class StampError(MonitorError):
    """No stamp: the sentence says why."""


class Authority(NamedTuple):
    url: str
    ca: Path


def stamp(head: str, authority: Authority) -> bytes:
    """The authority's whole answer (DER) for the head's figures as ASCII. StampError when there is none that holds."""
    roots = _roots(authority.ca)
    asked = (
        TimestampRequestBuilder(data=head.encode(), hash_algorithm=HashAlgorithm.SHA256)
        .nonce(nonce=True)
        .cert_request(cert_request=True)
        .build()
    )
    body = _answer(authority.url, asked.as_bytes())
    try:
        _verified(decode_timestamp_response(body), asked, roots, head)
    except (VerificationError, ValueError) as error:
        raise StampError(f"the answer of {_name(authority)} does not hold: {error}") from error
    return body


def holds(token: bytes, head: str, ca: Path) -> bool:
    """Whether a kept stamp is this head's, by an authority under this root."""
    builder = VerifierBuilder()
    for root in _roots(ca):
        builder = builder.add_root_certificate(root)
    try:
        return builder.build().verify_message(decode_timestamp_response(token), head.encode())
    except (VerificationError, ValueError):
        return False


def stamp_when_due(store: Store, authority: Authority, now: datetime) -> bool:
    """Stamp the newest entry of the log, once a day; without an answer that holds, an incident, and nothing else."""
    with store.read() as session:
        head, last = newest(session, store), _last(session, store)
    if head is None or (last is not None and last.at <= now < last.at + EVERY):
        return False
    try:
        token = stamp(head.hash, authority)
    except StampError as error:
        with store.write() as session:
            open_incident(
                store,
                session,
                INCIDENT,
                says=f"the audit log got no time stamp: {error}",
                cure="Look at [evidence] in the configuration, and whether this machine reaches that address. "
                "Nothing else waits for it; it is tried again tomorrow.",
                now=now,
            )
        return False
    with store.write() as session:
        row = HeadRow(
            school_id=store.school, seq=head.seq, hash=head.hash, at=now, said_in=SAID_IN, token=token
        )
        session.add(row)
        close_incident(store, session, INCIDENT, now=now)
        thing = f"audit entry {head.seq}"
        name = _name(authority)
        store.audit(session, at=now, actor="schoolgate", happened="time-stamped", thing=thing, detail=name)
    return True


def _last(session: Session, store: Store) -> HeadRow | None:
    return session.exec(
        select(HeadRow)
        .where(HeadRow.school_id == store.school, col(HeadRow.token).is_not(None))
        .order_by(col(HeadRow.id).desc())
        .limit(1)
    ).first()


def _roots(ca: Path) -> list[Certificate]:
    try:
        return load_pem_x509_certificates(ca.read_bytes())
    except (OSError, ValueError) as error:
        raise StampError(f"evidence.timestamp_ca: {ca} cannot be read as certificates (PEM)") from error


def _answer(url: str, asked: bytes) -> bytes:
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    name = _name(Authority(url, Path()))
    try:
        with (
            Deadline(_TOTAL) as deadline,
            _session() as session,
            session.post(
                url, asked, headers=headers, timeout=_TIMEOUT, allow_redirects=False, stream=True
            ) as answer,
        ):
            body = answer.raw.read(_MOST + 1, decode_content=True)
            status = answer.status_code
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise StampError(f"{name} cannot be reached ({type(error).__name__})") from error
    if deadline.passed:  # what was cut off looks like a whole answer
        raise StampError(f"{name} did not finish its answer within {_TOTAL} s")
    if status != 200 or len(body) > _MOST:  # noqa: PLR2004 - OK
        raise StampError(f"{name} answered with status {status} and {min(len(body), _MOST)} bytes or more")
    return bytes(body)


def _session() -> requests.Session:
    session = requests.Session()
    session.mount("https://", TimedAdapter())
    session.mount("http://", TimedAdapter())
    return session


def _verified(
    answer: TimeStampResponse, asked: TimeStampRequest, roots: list[Certificate], head: str
) -> None:
    builder = VerifierBuilder.from_request(asked)
    for root in roots:
        builder = builder.add_root_certificate(root)
    builder.build().verify_message(answer, head.encode())


def _name(authority: Authority) -> str:
    return urlsplit(authority.url).hostname or "the authority"
