"""Salesforce to Xero: sales become invoices, products items, notes history; planned, checked, sent once, and logged."""
