"""Claims by mail: a family writes from its own address which account is theirs. Read here, answered as from the page.

`imap` reads the mailbox and changes nothing in it; `letter`, `authenticated`, `written` and `saying` judge one message and
are pure; `reading` turns what they find into claim rows. Nobody is answered from here: what becomes of a claim, and
that a question goes to the address on the register alone, is alerts/claims.py's work, the same as for the page.
"""
