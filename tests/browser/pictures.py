"""The page's pictures in the documentation: `python -m tests.browser.pictures` takes them anew, on a phone's screen."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.browser.conftest import NAMES, started
from tests.browser.place import Place, placed
from tests.browser.scenes import claim_empty
from tests.browser.scenes_followers import approved, people
from tests.conftest import HandClock

IMAGES = Path(__file__).parents[2] / "docs" / "images"
SCREEN = {"width": 390, "height": 1080}


def followers(place: Place) -> None:
    people(place, "ReadingBus", "bot_8472", "typed_grace")
    approved(place, "ReadingBus")
    place.set(public_url="https://gate.st-elsewhere.example")
    place.go("/followers")


PICTURES: dict[str, Callable[[Place], None]] = {"followers": followers, "claim": claim_empty}


def main() -> int:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        sys.stderr.write("Chromium is not installed; on Debian: apt install chromium\n")
        return 1
    with started(path) as chromium:
        for name, drive in PICTURES.items():
            with (
                TemporaryDirectory() as folder,
                placed(chromium, Path(folder), HandClock(), size=SCREEN) as place,
            ):
                drive(place)
                place.page.screenshot(path=IMAGES / f"{name}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
