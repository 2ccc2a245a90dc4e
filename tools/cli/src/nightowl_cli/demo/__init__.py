"""`nightowl seed-demo`: months of a tenant that never was, and that could have been.

What happened is decided by the kernel's own pure functions on a clock that is an argument: how an alert opens, whom a
tier pages, what an acknowledgement stops. Only the rows are written by COPY instead of one commit per decision. So the
past obeys the rules of the present, and it is there in seconds.

`story.tell` is pure: the same seed, instant and length give the same rows.
"""
