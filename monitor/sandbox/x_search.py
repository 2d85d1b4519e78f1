"""The query language of GET /2/tweets/search/recent, as far as a watch on one account needs it.

Words and "phrases", from:, to:, conversation_id:, @name, has:media, is:reply, is:retweet, lang:; a space is AND, OR is weaker,
brackets group, a leading - negates. Source: docs.x.com/x-api/posts/search/integrate/build-a-query.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from monitor.sandbox.x_objects import Post, UnknownError
from monitor.sandbox.x_problem import ProblemError, invalid
from monitor.sandbox.x_state import XState

LONGEST = 512
TOKEN = re.compile(r'\s*(-?\(|\)|-?"[^"]*"|-?[^\s()"]+)')

Test = Callable[[Post], bool]


def matching(state: XState, query: str) -> Test:
    """A test for one post; the 400 of X when the query cannot be read."""
    if not query.strip() or len(query) > LONGEST:
        raise invalid("query", query, f"Rules must not be empty and no longer than {LONGEST} characters")
    parser = _Parser(state, query)
    test = parser.either()
    if parser.words:
        raise parser.broken(parser.words[0])
    return test


class _Parser:
    def __init__(self, state: XState, query: str) -> None:
        self.state = state
        self.query = query
        self.words = [word for word in TOKEN.findall(query) if word]

    def broken(self, word: str) -> ProblemError:
        return invalid(
            "query",
            self.query,
            f"There were errors processing your request: no viable alternative at '{word}'",
        )

    def either(self) -> Test:
        tests = [self.both()]
        while self.words and self.words[0] == "OR":
            self.words.pop(0)
            tests.append(self.both())
        return lambda post: any(test(post) for test in tests)

    def both(self) -> Test:
        tests = []
        while self.words and self.words[0] not in {"OR", ")"}:
            tests.append(self.one())
        if not tests:
            raise self.broken(self.words[0] if self.words else "<EOF>")
        return lambda post: all(test(post) for test in tests)

    def one(self) -> Test:
        word = self.words.pop(0)
        negated = word.startswith("-") and len(word) > 1
        bare = word[1:] if negated else word
        if bare == "(":
            test = self.either()
            if not self.words or self.words.pop(0) != ")":
                raise self.broken("<EOF>")
        else:
            test = self.operator(bare)
        return (lambda post: not test(post)) if negated else test

    def operator(self, word: str) -> Test:
        name, colon, value = word.partition(":")
        if word.startswith("@"):
            return lambda post: word[1:].lower() in post.mentions
        if not colon or word.startswith('"'):
            text = word.strip('"').lower()
            return lambda post: re.search(rf"(?<!\w){re.escape(text)}(?!\w)", post.text.lower()) is not None
        return self.named(name, value, word)

    def named(self, name: str, value: str, word: str) -> Test:
        tests: dict[str, Test] = {
            "conversation_id": lambda post: post.conversation_id == value,
            "from": lambda post: post.author_id == writer,
            "to": lambda post: writer is not None and post.in_reply_to_user_id == writer,
            "lang": lambda _post: value == "en",
            "is:reply": lambda post: post.replied_to is not None,
            "is:retweet": lambda post: post.retweet_of is not None,
            "has:media": lambda post: post.media,
            "has:images": lambda post: post.media,
        }
        writer = self.person_id(value)
        test = tests.get(word if name in {"is", "has"} else name)
        if test is None or not value:
            raise self.broken(word)
        return test

    def person_id(self, who: str) -> str | None:
        try:
            return self.state.person(who).id
        except UnknownError:
            return None
