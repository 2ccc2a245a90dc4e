"""The channels: one module per provider, each with its payload, its sending, its look-up and its failure classes.

`channel` says what a channel can do, `dispatch` claims, sends and settles over any of them. No channel
knows of the database but the local outbox, which is handed the one function it needs.
"""
