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

__all__ = [
    "App",
    "account_problems",
    "claim_networks",
    "letter_files",
    "mail_header_problem",
    "school_hours",
    "utc_now",
]
