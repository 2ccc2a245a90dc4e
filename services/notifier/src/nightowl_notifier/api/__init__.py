"""The edge: what Slack and Twilio ask and report, the page behind a link. No API key; signatures decide."""
