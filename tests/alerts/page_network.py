"""A network that answers as it is told, and the act stage run against it."""

from monitor.act import act
from tests.alerts.page_school import FACEBOOK


class Network:
    """A network that answers as it is told, and remembers what it was asked."""

    network = "facebook"
    reads = frozenset()
    actions = FACEBOOK

    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    def act(self, action, item):
        self.asked.append((action, item.target_id))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def carried_out(school, answer):
    network = Network(answer)
    school.pass_time(minutes=1)
    act(school.store, {"fb-main": network}, clock=lambda: school.now)
    return network
