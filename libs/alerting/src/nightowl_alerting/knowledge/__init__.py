"""The knowledge base: incidents, how they are found, and how they are written.

`model`, `merging`, `patterns`, `searching` and `drafting` are pure; `store` reads and writes rows. `changes` makes one
commit of row, fingerprints, history, audit, event and version.
"""
