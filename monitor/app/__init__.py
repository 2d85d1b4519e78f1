"""The composition root: the only package that knows the networks, the mail and the page, and joins them to the centre."""

from monitor.app.asked import (
    account_problems,
    claim_networks,
    letter_files,
    mail_header_problem,
    school_hours,
    utc_now,
)
from monitor.app.school import App
from monitor.app.set_aside import SetAside, leave, things_set_aside, try_again
from monitor.app.sign_ins import OpenSignIn, end_sign_ins, open_sign_ins

__all__ = [
    "App",
    "OpenSignIn",
    "SetAside",
    "account_problems",
    "claim_networks",
    "end_sign_ins",
    "leave",
    "letter_files",
    "mail_header_problem",
    "open_sign_ins",
    "school_hours",
    "things_set_aside",
    "try_again",
    "utc_now",
]
