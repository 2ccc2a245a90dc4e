"""Plumbing without a domain word in it.

Entry test for a module here: no domain noun in any name, two services need it today, one promise a
docstring can state, tests of its own. Floors, from the top (`.importlinter` holds them):
serve → web → health → outbox, inbox → bus, db, cache → logs, telemetry, settings, clock, ids → errors.
"""
