"""Schoolgate's centre: it knows the domain, the state and the stages, and no network and no mail server."""

__version__ = "0.1.0"
