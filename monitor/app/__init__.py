"""The composition root: the only package that knows the networks, the mail and the page, and joins them to the centre."""

from monitor.app.asked import (
    account_problems,
    claim_networks,
    letter_files,
    mail_header_problem,
    school_hours,
    utc_now,
)
from monitor.app.key_pages import page_of_key
from monitor.app.last_words import failure_told, leave
from monitor.app.school import App
from monitor.app.set_aside import SetAside, leave_aside, things_set_aside, try_again
from monitor.app.sign_ins import OpenSignIn, end_sign_ins, open_sign_ins
from monitor.app.upkeep import backup_plan

__all__ = [
    "App",
    "OpenSignIn",
    "SetAside",
    "account_problems",
    "backup_plan",
    "claim_networks",
    "end_sign_ins",
    "failure_told",
    "leave",
    "leave_aside",
    "letter_files",
    "mail_header_problem",
    "open_sign_ins",
    "page_of_key",
    "school_hours",
    "things_set_aside",
    "try_again",
    "utc_now",
]
