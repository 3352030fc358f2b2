"""A Xero on this machine: the book of an organisation and its rules, and the HTTP, OAuth and JSON that serve it."""
