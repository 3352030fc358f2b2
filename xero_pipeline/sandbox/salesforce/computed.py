"""What standard objects work out for themselves: names, totals, stages, prices, and the few writes they refuse.

Each rule is of reference/salesforce.md, section 3. The codes of `FAILED_ACTIVATION` and `FIELD_INTEGRITY_EXCEPTION` refusals
were not verified against a real org.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from xero_pipeline.sandbox.salesforce.failures import RowError
from xero_pipeline.sandbox.salesforce.org import Org
from xero_pipeline.sandbox.salesforce.schema import SObject
from xero_pipeline.sandbox.salesforce.values import Row

CENT = Decimal("0.01")
PROBABILITIES = {
    "Prospecting": 10,
    "Qualification": 20,
    "Proposal/Price Quote": 60,
    "Negotiation/Review": 80,
    "Closed Won": 100,
    "Closed Lost": 0,
}
PERSON_FIELDS = ("FirstName", "LastName", "Salutation", "PersonEmail")


def before_save(org: Org, sobject: SObject, row: Row, old: Row | None, written: frozenset[str]) -> None:
    """Complete `row` in place before it is checked; `written` names the fields the client sent. Raises RowError."""
    rule = BEFORE.get(sobject.name)
    if rule is not None:
        rule(org, row, old, written)


def after_change(org: Org, sobject: SObject, row: Row, now: datetime) -> None:
    """Bring the totals of the owning record up to date after `row` was saved or deleted."""
    if sobject.name == "OpportunityLineItem":
        _retotal(org, "Opportunity", row, now)
    elif sobject.name == "OrderItem":
        _retotal(org, "Order", row, now)


def _amount(row: Row, name: str) -> Decimal:
    value = row.get(name)
    return value if isinstance(value, Decimal) else Decimal(0)


def _person_name(row: Row) -> str:
    return " ".join(str(row[part]) for part in ("FirstName", "LastName") if row.get(part))


def _named_person(org: Org, row: Row, old: Row | None, written: frozenset[str]) -> None:
    row["Name"] = _person_name(row) or None


def _account(org: Org, row: Row, old: Row | None, written: frozenset[str]) -> None:
    if old is None:
        row["IsPersonAccount"] = row.get("LastName") is not None
    refused = ("Name",) if row["IsPersonAccount"] else PERSON_FIELDS
    wrong = [name for name in refused if name in written and row.get(name) is not None]
    if wrong:
        raise RowError(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            f"Account: bad field names on insert/update call: {', '.join(wrong)}",
            wrong,
        )
    if row["IsPersonAccount"]:
        row["Name"] = _person_name(row) or None


def _opportunity(org: Org, row: Row, old: Row | None, written: frozenset[str]) -> None:
    stage = row.get("StageName")
    row["IsWon"] = stage == "Closed Won"
    row["IsClosed"] = stage in ("Closed Won", "Closed Lost")
    row["Probability"] = Decimal(PROBABILITIES.get(str(stage), 0))
    if old is not None:
        # With products on it, an opportunity's amount is theirs, and a client's is ignored without a word.
        _total_opportunity(org, row)


def _total_opportunity(org: Org, row: Row) -> None:
    table = org.tables["OpportunityLineItem"]
    lines = table.children(table.sobject.fields["OpportunityId"], str(row["Id"]))
    row["HasOpportunityLineItem"] = bool(lines)
    if lines:
        row["Amount"] = sum((_amount(line, "TotalPrice") for line in lines), Decimal(0))


def _total_order(org: Org, row: Row) -> None:
    table = org.tables["OrderItem"]
    items = table.children(table.sobject.fields["OrderId"], str(row["Id"]))
    row["TotalAmount"] = sum((_amount(item, "TotalPrice") for item in items), Decimal(0))


def _retotal(org: Org, parent: str, row: Row, now: datetime) -> None:
    old = org.row(str(row[f"{parent}Id"]))
    if old is None or old["IsDeleted"]:
        return
    new: Row = {**old, "LastModifiedDate": now, "SystemModstamp": now}
    if parent == "Opportunity":
        _total_opportunity(org, new)
        new["Pricebook2Id"] = old.get("Pricebook2Id") or _entry(org, row)["Pricebook2Id"]
    else:
        _total_order(org, new)
    org.put(org.schema.objects[parent], new)


def _entry(org: Org, row: Row) -> Row:
    entry = org.row(str(row.get("PricebookEntryId")))
    if entry is None or entry["IsDeleted"]:
        raise RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ["PricebookEntryId"])
    return entry


def _priced_line(org: Org, row: Row, parent_field: str) -> Row:
    """Copy what a line takes from its price book entry; the entry."""
    entry = _entry(org, row)
    parent = org.row(str(row.get(parent_field)))
    book = parent.get("Pricebook2Id") if parent else None
    if book is not None and book != entry["Pricebook2Id"]:
        raise RowError(
            "FIELD_INTEGRITY_EXCEPTION",
            "pricebook entry is in a different pricebook than the one assigned to the parent",
            ["PricebookEntryId"],
        )
    row["Product2Id"] = entry["Product2Id"]
    row["ListPrice"] = entry["UnitPrice"]
    return entry


def _opportunity_line(org: Org, row: Row, old: Row | None, written: frozenset[str]) -> None:
    if row.get("PricebookEntryId") is None:
        return
    entry = _priced_line(org, row, "OpportunityId")
    row["ProductCode"] = entry.get("ProductCode")
    opportunity = org.row(str(row.get("OpportunityId")))
    row["Name"] = f"{opportunity['Name'] if opportunity else ''} {entry['Name']}".strip()
    priced = {"UnitPrice", "TotalPrice"} & {name for name in written if row.get(name) is not None}
    if len(priced) == 2 or (old is None and not priced):
        raise RowError(
            "FIELD_INTEGRITY_EXCEPTION", "specify exactly one of UnitPrice and TotalPrice", ["UnitPrice", "TotalPrice"]
        )
    quantity, kept = _amount(row, "Quantity"), 1 - _amount(row, "Discount") / 100
    if priced == {"TotalPrice"} and quantity and kept:
        row["UnitPrice"] = (_amount(row, "TotalPrice") / quantity / kept).quantize(CENT, ROUND_HALF_UP)
    else:
        row["TotalPrice"] = (quantity * _amount(row, "UnitPrice") * kept).quantize(CENT, ROUND_HALF_UP)


def _order(org: Org, row: Row, old: Row | None, written: frozenset[str]) -> None:
    if old is None and row.get("Status") not in (None, "Draft"):
        raise RowError("FAILED_ACTIVATION", "Start with a draft order; activate it once it is created.", ["Status"])
    activated = old is not None and old["StatusCode"] == "Activated"
    if old is not None and activated and row.get("AccountId") != old.get("AccountId"):
        raise RowError("FIELD_INTEGRITY_EXCEPTION", "The account of an activated order cannot change.", ["AccountId"])
    _total_order(org, row)
    if row.get("Status") == "Activated" and not activated and not _amount(row, "TotalAmount"):
        raise RowError("FAILED_ACTIVATION", "An order must have at least one product.", ["Status"])
    row["StatusCode"] = row.get("Status")


def _order_item(org: Org, row: Row, old: Row | None, written: frozenset[str]) -> None:
    if row.get("PricebookEntryId") is None:
        return
    _priced_line(org, row, "OrderId")
    order = org.row(str(row.get("OrderId")))
    if order is not None and order["StatusCode"] == "Activated":
        raise RowError("FIELD_INTEGRITY_EXCEPTION", "The products of an activated order cannot change.", ["OrderId"])
    row["TotalPrice"] = (_amount(row, "Quantity") * _amount(row, "UnitPrice")).quantize(CENT, ROUND_HALF_UP)


def _pricebook_entry(org: Org, row: Row, old: Row | None, written: frozenset[str]) -> None:
    product, book = org.row(str(row.get("Product2Id"))), org.row(str(row.get("Pricebook2Id")))
    if product is None or book is None:
        return
    row["Name"] = product.get("Name")
    row["ProductCode"] = product.get("ProductCode")
    if old is not None:
        return
    table = org.tables["PricebookEntry"]
    entries = table.children(table.sobject.fields["Product2Id"], str(row["Product2Id"]))
    if any(entry["Pricebook2Id"] == row["Pricebook2Id"] for entry in entries):
        raise RowError(
            "DUPLICATE_VALUE", "This price definition already exists in this price book", ["Pricebook2Id", "Product2Id"]
        )
    standard = [entry for entry in entries if _is_standard(org, entry)]
    if not book["IsStandard"] and not standard:
        raise RowError(
            "STANDARD_PRICE_NOT_DEFINED", "Before creating a custom price, create a standard price.", ["Pricebook2Id"]
        )


def _is_standard(org: Org, entry: Row) -> bool:
    book = org.row(str(entry["Pricebook2Id"]))
    return book is not None and book["IsStandard"] is True


BEFORE: dict[str, Callable[[Org, Row, Row | None, frozenset[str]], None]] = {
    "Account": _account,
    "Contact": _named_person,
    "User": _named_person,
    "Opportunity": _opportunity,
    "OpportunityLineItem": _opportunity_line,
    "Order": _order,
    "OrderItem": _order_item,
    "PricebookEntry": _pricebook_entry,
}
