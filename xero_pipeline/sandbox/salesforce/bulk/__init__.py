"""Bulk API 2.0: jobs that take CSV in and give CSV out, and that a client has to poll."""
