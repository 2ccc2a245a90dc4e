"""Noise: which route an alert takes, what mutes its pages, and which group it belongs to.

Rules mute pages, never state. Everything here but `store` is pure: time is an argument. Rules are written by query,
read by enrichment (routes, groups), escalation (mutes) and query (dry runs, explanations), which share this code so
that what is explained is what happens.
"""
