"""Whom a tier pages: targets, people, duty, and the same on a virtual clock.

`model`, `parsing`, `resolve`, `timetable` and `simulate` are pure; `store` reads what they ask for. Escalation pages
with them, query shows with them what would be paged: so a dry run and a night never differ.
"""
