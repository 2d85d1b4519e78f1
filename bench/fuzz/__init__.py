"""Hostile input by the million: what a network, a sender of mail, a browser, an office's file or a server may send us.

A target is one way in and the promises about it. Each of its cases is made from a number alone, so that a case that
breaks a promise can be made again: `python -m bench.fuzz --target NAME --case NUMBER`.

The tests run each target's first cases and let hypothesis choose others; `python -m bench.fuzz` runs more, `--full` ten
million, on all cores; `python -m bench.fuzz.guided` lets atheris choose them by the code that they reach.
"""
