"""The kernel: the life of an alert and the obligation to page.

`transitions` and `paging` are pure; `store` holds the only SQL that writes alerts, their timeline, timers
and deliveries; `lifecycle`, `obligations` and `sending` are what services call, always inside their own transaction.
Shared because an acknowledgement must cancel timers and unsent deliveries in one commit, whoever says it.
"""
