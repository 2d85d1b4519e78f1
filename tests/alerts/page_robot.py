"""A scanner of mails: it opens, follows and presses all that it finds, and changes nothing."""

from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup
from sqlmodel import SQLModel

from tests.alerts.page_browser import Browser

OF_CODES = frozenset({"code"})  # what a robot may fill: with codes that nobody types


def everything(store, but=OF_CODES):
    """Every row of every table, so that nothing can change unseen; in new tables too."""
    with store.read() as session:
        connection = session.connection()
        return {
            table.name: [tuple(row) for row in connection.execute(table.select())]
            for table in SQLModel.metadata.sorted_tables
            if table.name not in but
        }


class Robot(Browser):
    """A link scanner: it opens every link it finds and presses every button, but it cannot read the mailbox."""

    def crawl(self, start, rounds=3):
        seen, waiting = set(), [start]
        while waiting:
            path = waiting.pop()
            if path in seen or len(seen) > 60:
                continue
            seen.add(path)
            answer = self.get(path)
            self.session.head(self.school.url + path, timeout=10)
            soup = BeautifulSoup(answer.text, "html.parser")
            for _ in range(rounds):
                waiting += [self._press(form) for form in soup.find_all("form")]
            waiting += [
                urlsplit(urljoin(answer.url, a["href"])).path
                for a in soup.find_all("a", href=True)
                if a["href"].startswith("/")
            ]
        return seen

    def _press(self, form):
        data = {
            one["name"]: one.get("value") or "00000000"
            for one in form.find_all(["input", "textarea"])
            if one.get("name")
            and one.get("type") != "radio"  # a radio button is a question that it cannot read
        }
        for choice in form.find_all("select"):
            data[choice["name"]] = choice.find_all("option")[-1]["value"]
        return urlsplit(self.post(form["action"], data).url).path
