"""A person's browser at the page: cookies, redirects, and forms as they stand there."""

import re

import requests
from bs4 import BeautifulSoup


class Browser:
    """A person's browser: it keeps cookies, follows redirects, and fills forms as they stand on the page."""

    def __init__(self, school) -> None:
        self.school = school
        self.session = requests.Session()
        self.session.trust_env = False
        self.last: requests.Response | None = None

    def get(self, path: str, **options) -> requests.Response:
        self.last = self.session.get(self.school.url + path, timeout=10, **options)
        return self.last

    def post(self, path: str, data=None, **options) -> requests.Response:
        self.last = self.session.post(self.school.url + path, data=data or {}, timeout=10, **options)
        return self.last

    @property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.last.text, "html.parser")

    @property
    def words(self) -> str:
        return re.sub(r"\s+", " ", self.soup.main.get_text())

    def fields(self, choice: str) -> dict[str, str]:
        """The hidden fields of the form for one choice, as the page holds them; empty when it is not offered."""
        for form in self.soup.find_all("form"):
            values = {one["name"]: one.get("value", "") for one in form.find_all("input")}
            if values.get("choice") == choice:
                return values
        return {}

    def choose(self, ref: str, choice: str, **extra) -> requests.Response:
        """Open the case's page and press the button of one choice."""
        self.get(f"/case/{ref}" + ("/delete" if choice == "delete" else ""))
        values = self.fields(choice)
        assert values, f"{choice} is not offered"
        return self.post(f"/case/{ref}/decide", values | extra)
