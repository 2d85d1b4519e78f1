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
from monitor.app.school import App
from monitor.app.sign_ins import OpenSignIn, end_sign_ins, open_sign_ins

__all__ = [
    "App",
    "OpenSignIn",
    "account_problems",
    "claim_networks",
    "end_sign_ins",
    "letter_files",
    "mail_header_problem",
    "open_sign_ins",
    "page_of_key",
    "school_hours",
    "utc_now",
]
