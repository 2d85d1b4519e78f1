"""Loopback networks, a mailbox and a scripted school day, for the demonstration and the tests.

The networks are built from what the networks document and from recorded answers, so that what works here has a fair
chance there. Nothing in this package is used by a running service, and nothing in it leaves 127.0.0.1.
"""
