"""Who does what in the invented term. Data only; what becomes of each is the table in ends.py."""

from __future__ import annotations

from tests.term.people import BURST, DAYS, Cast, Deed, at

STRANGER = "planted.stranger@elsewhere.example"
REVIEW = "2026-11-09"  # the day of the office's next look at one organisation: within the term


def whole_term(*, few: bool) -> Cast:
    """1,000 followers and 200 bots; or few of each fate."""
    cast = Cast(few)
    _by_page(cast)
    _by_signing_in(cast)
    _by_mail(cast)
    _not_the_right_address(cast)
    _two_of_something(cast)
    _held_back(cast)
    _handles_change_hands(cast)
    _come_and_go(cast)
    _typed_by_the_office(cast)
    _decided_by_the_office(cast)
    _seem_to_be_somebody(cast)
    _strangers(cast, cast.ordinary - len(cast.followers))
    _bots(cast)
    return cast


def proven(address: str, when: int) -> tuple[Deed, Deed]:
    """Asked on the page, and answered from the mailbox after the next turn."""
    return Deed(when, "claim", address), Deed(when + 1, "answer", address)


def _by_page(cast: Cast) -> None:
    for number in cast.times(100):
        mine, day = cast.address(), 1 + number * 75 // len(cast.times(100))
        cast.add("proven", *proven(mine, at(day, 1)), follows=at(day), address=mine)
    for number in cast.times(10):  # before they follow: the claim waits for the account
        mine, day = cast.address(), 2 + number
        cast.add("proven before", *proven(mine, at(day)), follows=at(day + 40), address=mine)
    for number in cast.times(10):
        mine = cast.address()
        cast.add("asked", Deed(at(DAYS - 3), "claim", mine), follows=at(60 + number), address=mine)
    for number in cast.times(10):
        mine, day = cast.address(), 50 + number
        late = Deed(at(day + 8), "answer_late", mine)
        cast.add("too late", Deed(at(day), "claim", mine), late, follows=at(day), address=mine)
    for number in cast.times(5):
        mine, day = cast.address(), 20 + 10 * number
        again = Deed(at(day + 3), "replay", mine)
        cast.add("replayed", *proven(mine, at(day)), again, follows=at(day), address=mine)
    for number in cast.times(3):
        mine, day = cast.address(), 61 + number
        no = Deed(at(day, 1), "deny", mine)
        cast.add("denied", Deed(at(day), "claim", mine), no, follows=at(day), address=mine)
    dead = cast.address()
    cast.add(
        "no such mailbox",
        Deed(at(79), "break_mailbox", dead),
        Deed(at(79), "claim", dead),
        follows=at(64),
        address=dead,
    )
    bombed = cast.address()
    cast.add(
        "asked five times", *(Deed(at(81), "claim", bombed) for _ in range(5)), follows=at(69), address=bombed
    )


def _by_signing_in(cast: Cast) -> None:
    for number in cast.times(25):
        mine, day = cast.address(), 3 + number * 3
        cast.add("signed in", Deed(at(day, 1), "sign_in", mine), follows=at(day), address=mine)
    for number in cast.times(3):  # six weeks before they follow
        mine = cast.address()
        cast.add(
            "signed in before", Deed(at(4 + number), "sign_in", mine), follows=at(46 + number), address=mine
        )
    for number in cast.times(3):
        cast.add(
            "signed in as a stranger", Deed(at(62 + number), "sign_in", STRANGER), follows=at(60 + number)
        )
    for number in cast.times(2):
        cast.add("signed in without an address", Deed(at(62 + number), "sign_in"), follows=at(60 + number))
    for number in cast.times(6):  # Facebook tells nobody who follows: a proof without a follower of ours
        mine = cast.address()
        cast.add(
            "signed in at Facebook",
            Deed(at(75 + number), "sign_in_facebook", mine),
            follows=at(50),
            address=mine,
        )
    cast.add("a stranger at Facebook", Deed(at(75), "sign_in_facebook", STRANGER), follows=at(50), address="")


def _by_mail(cast: Cast) -> None:
    for number in cast.times(12):
        mine, day = cast.address(), 4 + number * 5
        letter = Deed(at(day, 1), "write", mine), Deed(at(day, 1) + 1, "answer", mine)
        cast.add("wrote", *letter, follows=at(day), address=mine)
    for number in cast.times(3):
        cast.add("wrote as a stranger", Deed(at(62 + number), "write", STRANGER), follows=at(60 + number))
    for number in cast.times(2):  # somebody else's address, which the school's server does not bear out
        mine = cast.address()
        cast.add("forged", Deed(at(62 + number), "forge", mine), follows=at(60 + number), address=mine)


def _not_the_right_address(cast: Cast) -> None:
    for number in cast.times(8):
        mine, day = cast.address(), 55 + number
        slip = mine.replace("family.example", "familly.example")
        cast.add("wrong address", Deed(at(day, 1), "claim", slip), follows=at(day), address=mine)
    for number in cast.times(4):
        mine, day = cast.address(), 15 + 10 * number
        slip = Deed(at(day), "claim", mine.replace("planted", "plnated"))
        cast.add("wrong, then right", slip, *proven(mine, at(day + 2)), follows=at(day), address=mine)
    for number in cast.times(6):
        cast.add("not on the register", Deed(at(66 + number), "claim", STRANGER), follows=at(60))
    cast.add("not on the register, long ago", Deed(at(2), "claim", STRANGER), follows=at(1))


def _two_of_something(cast: Cast) -> None:
    shared = cast.address()
    cast.add("two parents, one address", *proven(shared, at(16)), follows=at(15), address=shared)
    cast.record(shared)  # the other parent's row holds the same address
    cast.add("two parents, one address", *proven(shared, at(18)), follows=at(15))
    mine = cast.address()
    cast.add("one parent, two handles", *proven(mine, at(22)), follows=at(21), address=mine)
    cast.add("one parent, two handles", *proven(mine, at(24)), follows=at(23), address=mine)


def _held_back(cast: Cast) -> None:
    mine = cast.address()
    cast.add("restricted", Deed(at(2), "claim", mine), follows=at(1), address=mine, restricted="always")
    mine = cast.address()
    cast.add(
        "restricted, signed in",
        Deed(at(66), "sign_in", mine),
        follows=at(65),
        address=mine,
        restricted="always",
    )
    mine = cast.address()
    cast.add(
        "restricted handle",
        follows=at(17),
        address=mine,
        handle="plantedcourt",
        typed="@PlantedCourt",
        restricted="always",
    )
    mine = cast.address()
    cast.add("restricted later", *proven(mine, at(26)), follows=at(25), address=mine, restricted="later")


def _handles_change_hands(cast: Cast) -> None:
    for number in cast.times(2):
        mine = cast.address()
        again = proven(mine, at(52)) if number else ()
        was = cast.add(
            "renamed, proven again" if number else "renamed",
            *proven(mine, at(20)),
            Deed(at(27), "rename", f"plantednew{number}"),
            *again,
            follows=at(19),
            address=mine,
        )
        cast.add("took a handle", follows=at(28), handle=was.handle)
    mine = cast.address()  # whoever takes it claims it too, for somebody else's address
    was = cast.add("renamed", *proven(mine, at(20)), Deed(at(27), "rename", "plantednew2"), follows=at(19), address=mine)  # fmt: skip
    cast.add("took a handle and claimed", Deed(at(70), "claim", STRANGER), follows=at(28), handle=was.handle)
    mine = cast.address()  # or for their own: it waits until X has shown whose the handle is now
    was = cast.add(
        "renamed",
        *proven(mine, at(20)),
        Deed(at(27), "rename", "plantednew3"),
        follows=at(19),
        address=mine,
    )
    mine = cast.address()
    cast.add("took a handle, proven", *proven(mine, at(30)), follows=at(28), address=mine, handle=was.handle)


def _come_and_go(cast: Cast) -> None:
    for number in cast.times(4):
        mine = cast.address()
        cast.add("left the register", *proven(mine, at(11 + number)), follows=at(10), address=mine, leaves=True)  # fmt: skip
    mine = cast.address()
    cast.add("left", *proven(mine, at(2)), Deed(at(5), "unfollow"), follows=at(1), address=mine)
    cast.add("left", Deed(at(5), "unfollow"), follows=at(1))
    cast.add("left", Deed(at(5), "unfollow"), follows=-1)
    for number in cast.times(5):
        cast.add("left", Deed(at(33), "unfollow"), follows=at(8 + number))
    cast.add("left without a word", Deed(at(DAYS, 0), "unfollow"), follows=at(8))  # after the last comparison
    mine = cast.address()
    away = (Deed(at(45), "unfollow"), Deed(at(55), "follow"))
    cast.add("verified and back", *proven(mine, at(9)), *away, follows=at(8), address=mine)
    cast.add("unknown and back", *away, follows=at(8))
    mine = cast.address()
    away = (Deed(at(5), "unfollow"), Deed(at(60), "follow"))
    cast.add("back after weeks", *proven(mine, at(3)), *away, follows=at(2), address=mine)


def _typed_by_the_office(cast: Cast) -> None:
    for number in cast.times(20):
        mine, handle = cast.address(), f"PlantedTyped{number:02}"
        cast.add("typed", follows=at(number), address=mine, handle=handle.lower(), typed=f"@{handle}")
    for number in cast.times(3):
        mine, handle, day = cast.address(), f"plantedinv{number}", 50 + number
        cast.add(
            "typed and invited",
            Deed(at(day + 1), "invite", mine),
            *proven(mine, at(day + 2)),
            follows=at(day),
            address=mine,
            handle=handle,
            typed=handle,
        )


def _decided_by_the_office(cast: Cast) -> None:
    cast.add("listed organisation", follows=-1, handle="ListedChurch")
    for number in cast.times(2):
        cast.add(
            "approved", Deed(at(14), "approve", "2027-07-01"), follows=at(13), handle=f"lending_{number}"
        )
    cast.add("to be reviewed", Deed(at(14), "approve", REVIEW), follows=at(13), handle="readingbus")
    renamed = (Deed(at(14), "approve", "2027-07-01"), Deed(at(29), "rename", "plantedbus2"))
    cast.add("approved and renamed", *renamed, follows=at(13), handle="plantedbus1")
    no = Deed(at(21), "reject")
    cast.add("blocked", no, Deed(at(22), "block"), Deed(at(22), "say", "block"), follows=at(20))
    cast.add("said to be blocked", no, Deed(at(22), "say", "block"), follows=at(20))
    really = (Deed(at(22), "say", "remove_follower"), Deed(at(22), "unfollow"))
    cast.add("removed", no, *really, follows=at(20))
    cast.add("removed and back", no, *really, Deed(at(55), "follow"), follows=at(20))
    cast.add("said to be removed", no, Deed(at(22), "say", "remove_follower"), follows=at(20))
    cast.add("rejected", no, follows=at(20))
    cast.add("rejection taken back", no, Deed(at(22), "undo"), follows=at(20))


def _seem_to_be_somebody(cast: Cast) -> None:
    cast.add("look-alike", follows=at(60), handle="StMarksExamp1e")
    cast.add("child", follows=at(61), bio="I'm 9 and I love football")


def _strangers(cast: Cast, number: int) -> None:
    before = cast.baseline - sum(one.deeds[0].when < 0 for one in cast.followers)
    for one in range(number):
        later = at(1) + (one - before) * (at(DAYS - 2) - at(1)) // (number - before)
        if (
            cast.few
        ):  # all of a week at once: each half-day on which something happens takes a turn of the service
            later = later // 14 * 14 + 3
        cast.add("stranger", follows=-1 if one < before else later)


def _bots(cast: Cast) -> None:
    """They come in one afternoon; the office turns a quarter away at once; three weeks later X takes most of them down."""
    for number in range(cast.bots):
        turned_away = number < cast.bots // 4
        gone = number % 4 != 3
        deeds = (Deed(at(BURST + 2), "reject_bot"),) if turned_away else ()
        cast.add(
            " ".join(("bot", *(["turned away"] if turned_away else []), *(["and gone"] if gone else []))),
            *deeds,
            *((Deed(at(52), "unfollow"),) if gone else ()),
            follows=at(BURST),
            handle=f"cheap_{number:03}_x",
        )
