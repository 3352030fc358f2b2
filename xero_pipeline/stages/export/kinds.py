"""The kinds of record that are sent to Xero in batches, and how each is looked up there when the answer to a call was lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from xero_pipeline.stages.session import Session
from xero_pipeline.warehouse.outbox import Delivery
from xero_pipeline.xero.answers import Answer
from xero_pipeline.xero.records import Contact, Invoice
from xero_pipeline.xero.setting_records import Item
from xero_pipeline.xero.wire import Record

Found = Mapping[int, Record]

# Xero's clock is not ours: what was created by a call is looked for from this long before the call was begun.
_EARLIER = timedelta(minutes=10)


def _nothing_to_adopt(session: Session, delivery: Delivery, answer: Answer) -> Record | None:
    return None


@dataclass(frozen=True)
class Kind:
    """One kind: its name in sync.deliveries, Xero's plural, the endpoint it is staged by, and Xero's name of its id.

    `look_up` finds the records of deliveries that a call in doubt may have created, by delivery id. `adopt` gives the record
    that is meant when Xero refuses to create one that is there. A payload with the field `edits` edits what is there, and an
    edit is never repeated without a look at what the first one left, unless `repeatable`.
    """

    object_name: str
    plural: str
    endpoint: str
    step: str
    id_field: str
    look_up: Callable[[Session, Sequence[Delivery]], Found]
    adopt: Callable[[Session, Delivery, Answer], Record | None] = _nothing_to_adopt
    edits: str = ""
    repeatable: bool = False

    def is_edit(self, delivery: Delivery) -> bool:
        """Whether the delivery edits a record, which POST does; PUT creates."""
        return self.repeatable or (bool(self.edits) and self.edits in (delivery.payload or {}))

    def id_of(self, record: Record) -> str:
        """Xero's id of a record."""
        if isinstance(record, Invoice):
            return record.invoice_id
        if isinstance(record, Contact):
            return record.contact_id
        if isinstance(record, Item):
            return record.item_id
        raise TypeError(f"{type(record).__name__} is not sent to Xero")


def _invoices(session: Session, deliveries: Sequence[Delivery]) -> Found:
    """By the address of the sale that each carries: a number may be Xero's to give, and a contact may be another's by now."""
    wanted = {str(delivery.payload["Url"]): delivery.id for delivery in deliveries if delivery.payload}
    begun = min(delivery.called_at for delivery in deliveries if delivery.called_at)
    found: dict[int, Record] = {}
    for invoice in session.xero.writer.invoices_of(None, modified_since=begun - _EARLIER):
        if invoice.type == "ACCREC" and invoice.url in wanted:
            found[wanted[invoice.url]] = invoice
    return found


def _contacts(session: Session, deliveries: Sequence[Delivery]) -> Found:
    """By the account's id, which is their ContactNumber."""
    looked_up = {delivery.id: session.xero.writer.contact_by_number(delivery.external_id) for delivery in deliveries}
    return {delivery_id: contact for delivery_id, contact in looked_up.items() if contact is not None}


def _existing_contact(session: Session, delivery: Delivery, answer: Answer) -> Contact | None:
    """The contact that made Xero refuse a new one: somebody created it since contacts were read (FF-04, FF-05)."""
    payload = delivery.payload or {}
    writer = session.xero.writer
    by_id = writer.contact_by_number(delivery.external_id)
    if by_id is not None:
        return by_id
    number, name = str(payload.get("AccountNumber") or ""), str(payload["Name"])
    for found in (writer.contacts_numbered(number) if number else [], writer.contacts_named(name)):
        active = [contact for contact in found if contact.contact_status == "ACTIVE"]
        if len(active) == 1:
            return active[0]
    return None


def _items(session: Session, deliveries: Sequence[Delivery]) -> Found:
    """None: sending an item twice leaves it as sending it once, because Xero knows it by its code."""
    return {}


CONTACTS = Kind("contacts", "Contacts", "contacts", "customer", "ContactID", _contacts, _existing_contact)
ITEMS = Kind("items", "Items", "items", "item", "ItemID", _items, repeatable=True)
INVOICES = Kind("invoices", "Invoices", "invoices", "invoice", "InvoiceID", _invoices, edits="InvoiceID")
