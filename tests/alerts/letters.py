"""Messages as they lie in a school's mailbox, with what its server put on top."""

from __future__ import annotations

from email.message import EmailMessage

OURS = "mx.school.example"
GRACE = "grace@mail.example"


def found(sender: str = GRACE, *, by: str = OURS, result: str = "pass") -> str:
    """What the mail server `by` says of a message from this sender's domain."""
    domain = sender.rpartition("@")[2]
    return f"{by}; dkim={result} header.d={domain}; dmarc={result} (p=REJECT) header.from={domain}"


def letter(
    text: str = "My handle is @grace_o",
    *,
    sender: str = GRACE,
    line: str | None = None,
    results: tuple[str, ...] | None = None,
    subject: str = "Our account",
    html: str | None = None,
    number: int = 1,
    **headers: str,
) -> bytes:
    """A message of `sender`; `line` is the whole From where it is another, `results` the Authentication-Results from the
    top, `headers` are more, with _ for -."""
    message = EmailMessage()
    message["Return-Path"] = f"<{sender}>"
    for one in (found(sender),) if results is None else results:
        message["Authentication-Results"] = one
    message["Received"] = "from mail.example by mx.school.example; Fri, 20 Nov 2026 08:00:00 +0000"
    message["To"] = "my-account@school.example"
    message["Message-ID"] = f"<{number}@mail.example>"
    message["Subject"] = subject
    for name, value in headers.items():
        del message[name.replace("_", "-")]
        message[name.replace("_", "-")] = value
    message.set_content(text)
    if html is not None:
        if text:
            message.add_alternative(html, subtype="html")
        else:
            message.set_content(html, subtype="html")
    return f"From: {line or f'Grace Okafor <{sender}>'}\n".encode() + message.as_bytes()
