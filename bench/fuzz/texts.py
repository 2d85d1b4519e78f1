"""Texts as strangers write them who mean harm: markup, headers, formulas, signs that turn or hide, towers, long runs."""

from __future__ import annotations

import random

MARK = "qx9"  # stands in every piece of markup, so that it is known again where it comes out
TAG = f"<{MARK}"
ATTRIBUTE = f"{MARK}="
HEADER = f"X-{MARK}"
HOST = f"{MARK}.evil.example"

PIECES = (
    # markup, templates, formats
    f"{TAG} src=x onerror=alert(1)>", f"<script>{TAG}</script>", f'" onload="{ATTRIBUTE}"', f"' {ATTRIBUTE}'", "<!--", "-->",
    "]]>", "<![CDATA[", "</p></div>", "</style>", "&lt;b&gt;", "&#0;", "&#x202e;", "{{7*7}}", "{% raw %}", "{0.__class__}",
    "{}", "%s%n%(x)s", "${7*7}", "\\", "\\u0000", "#let x = 1", '#import "/etc/passwd"',
    # headers, SMTP, logs, tables, paths
    f"\r\n{HEADER}: 1", f"\n{HEADER}: 1\n\n", f"=?utf-8?q?a=0A{HEADER}:_1?=", f"\r\n.\r\nMAIL FROM:<a@{HOST}>\r\n", "\r", "\n",
    "\n\n", "\n.\n", "\r\n..", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x1b[2J\x1b]0;x\x07", "\x00", "\x7f", "\x9b1m", "=1+1",
    "=cmd|' /C calc'!A1", "+1", "-1", "@SUM(1)", "\t=1", "＝1", "../../etc/passwd", "C:\\x", ";", ",", '"', "'", "`", "|",
    # addresses
    f"http://{HOST}/a?b=c#d", f"HTTPS://{HOST}", f"hxxp://{HOST}", f"//{HOST}", f"www.{HOST}", f"a@{HOST}", "javascript:alert(1)",
    "data:text/html,x", "file:///etc/passwd", f"http：／／{HOST}", f"http://{HOST.replace('.', '。')}", "http://[::1]/", "http://127.0.0.1:25",
    "127.0.0.1", "mailto:a@b.example", "tel:01632960123", "xn--80ak6aa92e.example", "аррӏе.example", "http://a@b@c.example", "://", "http://",
    # signs that hide or turn, odd letters
    "\u202e", "\u202d", "\u2066", "\u2069", "\u200f", "\u061c", "\u200b", "\u200d", "\u200c", "\ufeff", "\u00ad", "\u2060", "\u034f", "\u3164",
    "\ufe0f", "\U000e0041", "\U000e007f", "\ud800", "\udfff", "\ue000", "\uffff", "\U0010ffff", "\u0378", "q\u0323\u0309\u0303", "a" + "\u0336" * 9,
    "ﷺ", "ß", "İ", "ı", "ﬁ", "Ⅷ", "½", "ʼn", "ẞ", "Å", "한", "שלום", "مرحبا", "می‌خواهم", "日本", "𝓯𝓾𝓬𝓴", "ｆｕｃｋ", "🅵", "🇬🇧", "🏴\U000e0067\U000e0062\U000e0065\U000e007f",
    "👩‍👩‍👧", "🔪", "❤️", "1️⃣", "①", "٣", "१",
    # what people write
    "you are dead", "kill yourself", "f u c k", "f**k", "sh1t", "I will hurt you", "Tamsin Okafor", "of 3B", "Year 7", "Miss Quill", "the head",
    "stole money", "01632 960123", "+44 7700 900123", "SW1A 1AA", "12 Mill Lane", "tamsin@mail.example", "@grace_o", "#stelsewhere",
    "my handle is @grace_o", "she lives at", "meet me", "dm me", "don't", "it’s", "“quoted”", "u r", "gonna", "no", "a", "I", ".", "...", "?!", " ",
    "  ", "-", "_", "/", ":", "*", "~", "^", "(", ")", "[", "]", "<", ">", "&", "%", "$", "#", "@", "=", "0", "9" * 30,
)  # fmt: skip

_RANGES = (
    (0, 0x7F),
    (0x80, 0x24F),
    (0x250, 0x2FFF),
    (0x3000, 0xFFFF),
    (0x10000, 0x1FFFF),
    (0xE0000, 0xE01FF),
)


def text(chance: random.Random, most: int = 8) -> str:
    """A text of up to `most` pieces, some of them bent or repeated; now and then some thousand characters long."""
    parts = [_piece(chance) for _ in range(chance.randint(0, most))]
    if chance.random() < 0.01:
        parts.append(chance.choice(PIECES) * chance.choice((50, 400)))
    return chance.choice(("", "", " ", "\n")).join(parts)


def line(chance: random.Random, most: int = 3) -> str:
    """A short text, such as a name, a handle, a cell, a header's value."""
    return text(chance, most)


def _piece(chance: random.Random) -> str:
    """One piece, as it is or bent in one of six ways."""
    piece = chance.choice(PIECES)
    kind, at = chance.randrange(12), chance.randint(0, len(piece))
    bent = {
        0: lambda: piece * chance.randint(2, 12),
        1: lambda: _anything(chance),
        2: piece.upper,
        3: lambda: chance.choice(("\u200b", ".", " ", "\u0336", "\u202e", "*")).join(piece),
        4: lambda: piece[:at] + _anything(chance) + piece[at:],
        5: lambda: piece[at:],
    }
    return bent[kind]() if kind in bent else piece


def _anything(chance: random.Random) -> str:
    low, high = chance.choice(_RANGES)
    return chr(chance.randint(low, high))
