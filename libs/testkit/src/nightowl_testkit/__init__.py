"""What NightOwl's tests stand on: real servers, a movable clock, fake providers, real processes, builders.

Never imported by the product; `./dev smoke` and the fault tests use it against real processes.
"""
