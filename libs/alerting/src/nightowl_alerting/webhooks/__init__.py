"""Events that tenants subscribe to: `deciding` is pure, `store` is the SQL, `posting` owes, claims and settles.

A delivery and its timer (kind `webhook`) are one obligation, as for pages. Locks are taken in the order subscription,
delivery, timer; whoever comes from a timer never waits for a delivery (SKIP LOCKED).
"""
