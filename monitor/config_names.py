"""The kinds of name a configuration key can hold: domains, mail addresses, servers, web addresses, telephone numbers.

Pure: looks nothing up. A ValueError here never quotes the value; whoever reports it may.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
HOST_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
PORTS = range(65_536)
LONGEST_LOCAL_PART = 64  # RFC 5321 §4.5.3.1.1
LONGEST_HOST = 253  # RFC 1035 §2.3.4
FEWEST_PHONE_DIGITS = 9

# "official school e-mail account only" (social media policy); these give an address to anybody.
PERSONAL_MAIL = frozenset(
    {
        *(
            "gmail.com",
            "googlemail.com",
            "outlook.com",
            "hotmail.com",
            "hotmail.co.uk",
            "live.com",
            "live.co.uk",
        ),
        *("msn.com", "yahoo.com", "yahoo.co.uk", "ymail.com", "icloud.com", "me.com", "mac.com", "aol.com"),
        *("aol.co.uk", "btinternet.com", "sky.com", "virginmedia.com", "talktalk.net", "proton.me"),
        *("protonmail.com", "gmx.com", "gmx.co.uk", "mail.com"),
    }
)


def domain(value: str) -> str:
    """A domain in its ASCII form, small letters: "Südschule.example" is "xn--sdschule-65a.example".

    Two spellings of one domain become equal; two domains that only look alike stay different. Characters on which
    the IDNA versions disagree (ß, ς, joiners; RFC 5894 §7.2) are refused rather than guessed.
    """
    text = value.strip().lower()
    if unicodedata.normalize("NFKC", text) != text or any(
        character in text for character in "ßς\u200c\u200d"
    ):
        raise ValueError("holds a character that can be read in two ways; write the domain in its xn-- form")
    try:
        ascii_form = text.encode("idna").decode("ascii")
    except UnicodeError as bad:
        raise ValueError('is not a domain; write one such as "school.example"') from bad
    labels = ascii_form.split(".")
    plain = len(labels) > 1 and len(ascii_form) <= LONGEST_HOST and all(map(HOST_LABEL.fullmatch, labels))
    if not plain or labels[-1].isdigit():
        raise ValueError('is not a domain; write one such as "school.example"')
    return ascii_form


def school_domain(value: str) -> str:
    name = domain(value)
    if name in PERSONAL_MAIL:
        raise ValueError("gives an address to anybody; write the school's own mail domain")
    return name


def address(value: str) -> str:
    """A mail address, its domain in ASCII form. The local part keeps its case (RFC 5321 §2.4)."""
    local, at, host = value.strip().rpartition("@")
    if not at or len(local) > LONGEST_LOCAL_PART or not LOCAL_PART.fullmatch(local):
        raise ValueError('is not a mail address; write one such as "office@school.example"')
    return f"{local}@{domain(host)}"


def domain_of(mail_address: str) -> str:
    return mail_address.rpartition("@")[2]


def is_loopback(host: str) -> bool:
    """Whether the host is this machine by its name or number alone; no name is looked up."""
    bare = host.strip("[]").rstrip(".").lower()
    if bare == "localhost" or bare.endswith(".localhost"):
        return True
    try:
        number = ipaddress.ip_address(bare)
    except ValueError:
        return False
    inner = getattr(number, "ipv4_mapped", None)
    return (inner or number).is_loopback


def host(value: str) -> str:
    """A server's name or number, without scheme, port or path. "[::1]" is "::1"."""
    text = value.strip().lower()
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        pass
    if "://" in text or "/" in text:
        raise ValueError(
            'is an address of a page; write only the server\'s name such as "smtp.school.example"'
        )
    if ":" in text:
        raise ValueError('holds a port; write only the server\'s name such as "smtp.school.example"')
    if is_loopback(text):
        return text
    labels = text.rstrip(".").split(".")
    if labels[-1].isdigit() or not all(map(HOST_LABEL.fullmatch, labels)) or len(text) > LONGEST_HOST:
        raise ValueError('is not a server\'s name; write one such as "smtp.school.example"')
    return text.rstrip(".")


def listen(value: str) -> str:
    """An address and port to listen on: "127.0.0.1:8080" or "[::1]:8080". Port 0 lets the system choose."""
    name, colon, port = value.strip().rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) not in PORTS:
        raise ValueError('has no port from 0 to 65535; write address and port such as "127.0.0.1:8080"')
    if ":" in name and not (name.startswith("[") and name.endswith("]")):
        raise ValueError('is an IPv6 address without brackets; write it such as "[::1]:8080"')
    bare = name.strip("[]")
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        if bare != "localhost":
            raise ValueError(
                'is not an address of this machine; write one such as "127.0.0.1:8080"'
            ) from None
    return f"{name}:{int(port)}"


def web_address(value: str) -> str:
    """The start of every link: scheme, host and port. In clear only to this machine itself."""
    text = value.strip().rstrip("/")
    example = 'write one such as "https://schoolgate.school.example"'
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError(f"is not a web address; {example}") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.password:
        raise ValueError(f"is not a web address; {example}")
    host(parts.hostname)
    if parts.path or parts.query or parts.fragment:
        raise ValueError(f"holds more than scheme, name and port; {example}")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError(f"goes over the network in clear; {example}")
    return text


def oauth_address(value: str) -> str:
    """Where tokens are fetched: https, or this machine."""
    parts = urlsplit(value.strip())
    if not parts.hostname or not (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    ):
        raise ValueError('is not an https address; write one such as "https://login.school.example/token"')
    return value.strip()


def ping_address(value: str) -> str:
    """Where a sign of life goes: https, or this machine; path and query are the watching service's own."""
    text = value.strip()
    parts = urlsplit(text)
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    if not parts.hostname or not safe or parts.username or parts.fragment:
        raise ValueError('is not an https address; write one such as "https://watch.example/ping/3f0c"')
    if any(not " " < char < "\x7f" for char in text):
        raise ValueError("holds a character that no address has; copy it again")
    return text


def phone(value: str) -> str:
    digits = re.sub(r"[\s().-]", "", value)
    if not re.fullmatch(rf"\+?[0-9]{{{FEWEST_PHONE_DIGITS},15}}", digits):
        raise ValueError('is not a telephone number; write one such as "020 7946 0000"')
    return value.strip()


Domain = Annotated[str, AfterValidator(domain)]
SchoolDomain = Annotated[str, AfterValidator(school_domain)]
Address = Annotated[str, AfterValidator(address)]
Host = Annotated[str, AfterValidator(host)]
Phone = Annotated[str, AfterValidator(phone)]
WebAddress = Annotated[str, AfterValidator(web_address)]
OAuthAddress = Annotated[str, AfterValidator(oauth_address)]
PingAddress = Annotated[str, AfterValidator(ping_address)]
Listen = Annotated[str, AfterValidator(listen)]
