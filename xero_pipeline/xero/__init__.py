"""Talking to Xero: signing in, the call budget, the client, its endpoints, and their records laid out as rows."""
