"""Cards: what Slack shows of an alert, and what is left to do so that it shows the present state.

`store` is the only SQL that writes messages, threads and their posts. Whoever changes an alert owes its card in the
same commit (`lifecycle`); a page that was sent becomes a message of the card (`sending`); the notifier pays it.
"""
