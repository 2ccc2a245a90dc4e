"""The notifier: every delivery row ends sent, failed or superseded, with receipts."""
