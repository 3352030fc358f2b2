"""What a client may write to an organisation over the accounting API (xero.md sections 2 and 3)."""
