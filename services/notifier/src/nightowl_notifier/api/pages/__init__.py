"""The page behind a link: what somebody who was woken reads on a phone, and acknowledges, without signing in."""
