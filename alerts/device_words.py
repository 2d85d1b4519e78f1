"""What a browser is called on the page and in a mail: one of these fixed words for it and one for its machine.

The User-Agent is looked at and forgotten: it is what a stranger may have written, and with it a phone can be told from
others. Pure.
"""

from __future__ import annotations

LONGEST = 400  # characters that are looked at; browsers send about 120

_MACHINES = (  # the first that fits: an iPad may say Mac, ChromeOS and Android say Linux
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)
_BROWSERS = (  # the first that fits: nearly all of them also say Chrome and Safari
    (("EdgA/", "EdgiOS/", "Edg/"), "Edge"),
    (("OPR/", "OPT/"), "Opera"),
    (("SamsungBrowser/",), "Samsung Internet"),
    (("Firefox/", "FxiOS/"), "Firefox"),
    (("Chrome/", "CriOS/", "Chromium/"), "Chrome"),
    (("Safari/",), "Safari"),
)


def device_label(user_agent: str) -> str:
    """Such as "Safari on iPhone"; "A browser on a device" where nothing is known."""
    text = user_agent[:LONGEST]
    browser = next((name for signs, name in _BROWSERS if any(sign in text for sign in signs)), "A browser")
    machine = next((name for sign, name in _MACHINES if sign in text), "a device")
    return f"{browser} on {machine}"
