"""A person without a mouse, in a browser without JavaScript: Tab, Shift+Tab, Space, Enter, arrows and typing alone."""

from __future__ import annotations

from tests.browser.place import Place

MOST = 150  # presses of Tab until something is reached
_HERE = """() => {
  const one = document.activeElement, look = getComputedStyle(one);
  const label = one.labels && one.labels.length ? one.labels[0].innerText : one.innerText;
  const seen = look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2;
  return [one.tagName.toLowerCase(), (label || '').trim().replace(/\\s+/g, ' '), seen];
}"""


class Keys:
    def __init__(self, place: Place) -> None:
        self.place, self.board = place, place.page.keyboard

    def to(self, kind: str, words: str) -> None:
        """Tab on to the next thing of this kind (`a`, `button`, `input`, …) whose label or text begins so."""
        for _ in range(MOST):
            self.board.press("Tab")
            tag, label, seen = self.place.page.evaluate(_HERE)
            if tag == kind and label.startswith(words):
                assert seen, f"nobody sees that the focus is on {kind} {words!r}"
                return
        raise AssertionError(f"Tab never comes to {kind} {words!r}")

    def press(self, kind: str, words: str) -> None:
        """Reach a button, a link or a summary and press Enter, which leads on."""
        self.to(kind, words)
        if kind == "summary":
            self.board.press("Enter")
            return
        with self.place.page.expect_navigation():
            self.board.press("Enter")

    def tick(self, words: str) -> None:
        self.to("input", words)
        self.board.press("Space")

    def write(self, words: str, text: str, kind: str = "input") -> None:
        """Reach the field of this label and type into it."""
        self.to(kind, words)
        self.board.type(text)

    def reads(self, words: str) -> None:
        """What the person sees on the page by now."""
        shown = " ".join(self.place.page.locator("main").inner_text().split())
        assert words in shown, shown
