"""The demo: an invented school day played through the real service on this machine. Product code must not import it."""
