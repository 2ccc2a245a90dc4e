"""The edge: what Slack and Twilio ask and report, the page behind the link in a mail. No API key; signatures decide."""
