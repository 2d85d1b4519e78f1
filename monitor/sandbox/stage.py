"""Plays a script into the sandbox's two networks, as far as one is told. No HTTP and no clock of its own.

It writes what people do there (post, answer, edit, delete, follow) and must do nothing that only the school may do.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from monitor.domain import ItemKind
from monitor.sandbox.graph_objects import GoneError, NotAllowedError
from monitor.sandbox.graph_state import GraphState
from monitor.sandbox.script import Delete, Edit, Entry, Follow, OwnPost, Phase, Said, Script, Unfollow
from monitor.sandbox.x_objects import UnknownError
from monitor.sandbox.x_state import XState


class Stage:
    """A script on two networks. Each entry is played once, in the order of its time.

    `ids` are the networks' ids by post id or entry id (an edit on X has a new one; a follow has its follower's), `people`
    those of the people by person id. `left_out` are the entries that could not happen any more: what they answer, edit or delete was removed,
    or their author blocked, by the school in the meantime.
    """

    def __init__(self, script: Script, x: XState, graph: GraphState) -> None:
        self.script = script
        self.x = x
        self.graph = graph
        self.ids: dict[str, str] = {}
        self.left_out: list[str] = []
        self._said = {entry.id: entry for entry in script.said}
        self._next = 0
        self.people: Mapping[str, str] = {
            person.id: (
                graph.add_person(person.name)
                if person.handle is None
                else x.add_person(person.handle, person.name, person.bio)
            )
            for person in script.people.values()
        }

    def play(self, phase: Phase | None = None, *, until: datetime | None = None) -> Mapping[str, str]:
        """Go on to the end of `phase`, or to the moment `until` (included), or to the end of the day; returns `ids` of what
        was played by this call."""
        before = set(self.ids)
        timeline = self.script.timeline
        while self._next < len(timeline):
            each = timeline[self._next]
            if (phase is Phase.BASELINE and each.phase is not phase) or (
                until is not None and each.at > until
            ):
                break
            self._next += 1
            try:
                self._happen(each)
            except (GoneError, NotAllowedError, UnknownError):
                self.left_out.append(each.id)
        return {key: value for key, value in self.ids.items() if key not in before}

    @property
    def next_at(self) -> datetime | None:
        """When the next thing happens; None at the end of the day."""
        timeline = self.script.timeline
        return timeline[self._next].at if self._next < len(timeline) else None

    def _happen(self, each: OwnPost | Entry) -> None:
        if isinstance(each, OwnPost):
            made = (
                self.x.add_post(self.x.user_id, each.text, each.at)
                if each.network == "x"
                else self.graph.add_post(each.text, each.at)
            )
            self.ids[each.id] = made
        elif isinstance(each, Said):
            self.ids[each.id] = self._on_x(each) if each.network == "x" else self._on_facebook(each)
        elif isinstance(each, Edit):
            self._edit(each)
        elif isinstance(each, Delete):
            place = self.x.delete_post if each.network == "x" else self.graph.delete
            place(self._id(each.of))
        elif isinstance(each, Follow):
            self.ids[each.id] = self.people[each.by]
            self.x.follow(self.people[each.by], each.at)
        elif isinstance(each, Unfollow):
            self.x.unfollow(self.people[each.by])

    def _id(self, name: str) -> str:
        """The network's id of what was played under this name; GoneError when it was left out itself."""
        if name not in self.ids:
            raise GoneError(name)
        return self.ids[name]

    def _on_x(self, said: Said) -> str:
        above = said.under or said.answers
        answered = self._id(above) if above else None
        return self.x.add_post(self.people[said.by], self._addressed(said, said.text), said.at, answered)

    def _on_facebook(self, said: Said) -> str:
        author = self.people[said.by]
        if said.kind is ItemKind.VISITOR_POST:
            return self.graph.add_visitor_post(author, said.text, said.at)
        return self.graph.add_comment(self._id(said.under or said.answers or ""), author, said.text, said.at)

    def _edit(self, edit: Edit) -> None:
        if edit.network == "x":
            text = self._addressed(self._said[edit.of], edit.text)
            self.ids[edit.id] = self.x.edit_post(self._id(edit.of), text, edit.at)
        else:
            self.graph.edit(self._id(edit.of), edit.text, edit.at)
            self.ids[edit.id] = self._id(edit.of)

    def _addressed(self, said: Said, text: str) -> str:
        """As X writes an answer: the names of those it answers come first, the nearest before the school's."""
        names = []
        above = said
        while above.answers is not None:
            above = self._said[above.answers]
            handle = self.script.people[above.by].handle
            if above.by != said.by and handle is not None and handle not in names:
                names.append(handle)
        if said.under or said.answers:
            names.append(self.script.accounts["x"].handle)
        return " ".join([*(f"@{name}" for name in names), text])
