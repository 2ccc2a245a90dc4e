"""The edge: what Twilio asks and reports, and the page behind the link in a mail. No API key; signatures decide."""
