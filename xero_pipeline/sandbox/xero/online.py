"""The address at which a customer sees an invoice: for approved sales invoices alone (xero.md section 2, Invoices)."""

from __future__ import annotations

import base64
import hashlib

from xero_pipeline.sandbox.xero.record import Record, text_of

HOST = "https://in.xero.com"
TOKEN_LENGTH = 40


def online_invoice_url(invoice: Record) -> str | None:
    """The address, always the same for an invoice and not to be guessed from its id; None for a bill or a draft.

    Nothing answers there: the page is Xero's, not the API's.
    """
    if invoice["Type"] != "ACCREC" or invoice["Status"] in ("DRAFT", "DELETED"):
        return None
    digest = hashlib.sha512(f"online invoice {text_of(invoice, 'InvoiceID')}".encode()).digest()
    return f"{HOST}/{base64.b64encode(digest, altchars=b'xX').decode()[:TOKEN_LENGTH]}"
