"""What Slack asks: slash commands, buttons and forms, mentions. No API key; Slack's signature decides."""
