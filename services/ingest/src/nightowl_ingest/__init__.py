"""The front door: a 2xx means that the alert is durable."""
