"""An export as a person reads it: a line an invoice or item, what changes in it, and what keeps the others back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from xero_pipeline.stages.export.showing import by_cause, called, changed_fields, lines_to_be

if TYPE_CHECKING:
    from rich.console import Console

    from xero_pipeline.cli.report import StageTable
    from xero_pipeline.domain.org import Org
    from xero_pipeline.stages.export.items import PlannedItem
    from xero_pipeline.stages.export.queue import Entry
    from xero_pipeline.stages.export.run import Exported

Row = Mapping[str, Any]

_ITEM = {"create": "New", "update": "Changed", "no_op": "unchanged", "blocked": "refused", "waiting": "waits"}
_COLOURS = {"create": "green", "update": "cyan", "blocked": "red", "waiting": "yellow"}
# Of many records with one root the first are named; --json and the log have them all.
_NAMED = 12


def show(console: Console, exported: Exported, org: Org, table: StageTable) -> None:
    """Print it all: what is or was sent, what is refused and why, what waits, and how to go on."""
    from xero_pipeline.cli.export import command

    table.close_with(console, exported.outcome)
    console.print()
    for item in exported.items:
        if item.action in ("create", "update"):
            _show_item(console, item, exported.outcomes.get(("items", item.product.product_id)))
    for row in exported.invoices:
        if row["action"] in ("create", "update"):
            _show_invoice(console, row, exported.lines.get(row["external_id"], ()), exported)
    show_refused(console, exported)
    for row in exported.invoices:
        if row["action"] == "waiting":
            console.print(f"[yellow]waits[/]   {_said(called(row))}: {_said(_why(row))}")
    _show_totals(console, exported, org)
    if apply_with := command(exported, org):
        console.print("Nothing was sent. To send exactly this:", style="bold")
        console.print(f"  {apply_with}", soft_wrap=True, markup=False)


def show_refused(console: Console, exported: Exported) -> None:
    """Print what the checks refuse, by root."""
    for refused in by_cause(exported):
        count = len(refused.records)
        console.print(f"[red]refused[/] {count:,} x {_said(refused.sentence)} [dim]({_said(refused.cause)})[/]")
        named = ", ".join(refused.records[:_NAMED]) + (f" and {count - _NAMED:,} more" if count > _NAMED else "")
        console.print(Padding(f"{_said(named)}\n[dim]{_said(refused.fix)}[/]", (0, 0, 0, 8)))
    for row in exported.invoices:
        for reason in (row["reasons"] or ())[1:] if row["action"] == "blocked" else ():
            console.print(f"        [dim]{_said(called(row))} also: {_said(reason['sentence'])}[/]")


def _show_item(console: Console, item: PlannedItem, entry: Entry | None) -> None:
    what = f"[{_COLOURS[item.action]}]{_ITEM[item.action]:<8}[/]item {_said(item.product.code)}  {_said(item.product.name)}"
    console.print(f"{what}  {_money(item.product.price)}{_became(entry)}")


def _show_invoice(console: Console, row: Row, lines: Sequence[Row], exported: Exported) -> None:
    entry = exported.outcomes.get(("invoices", row["external_id"]))
    console.print(
        f"[{_COLOURS[row['action']]}]{row['action']:<8}[/][bold]{_said(called(row))}[/]  {_said(row['account_name'])}  "
        f"{_money(row['total'])} {row['currency_code']}{_became(entry)}"
    )
    for each in row["creates"] or ():
        console.print(f"        creates the {_said(each)} first")
    if row["action"] == "update":
        for change in changed_fields(row, lines):
            field = change.field if change.line_id is None else f"line {change.line or change.line_id} {change.field}"
            console.print(f"        {field}: {_value(change.before)} -> {_value(change.after)}")
    elif not exported.applied:
        console.print(f"        [dim]{_headers(row)}[/]")
        console.print(Padding(_lines(row, lines), (0, 0, 0, 8)))


def _headers(row: Row) -> str:
    after = row["after"] or {}
    number = after.get("InvoiceNumber")
    parts = (
        f"of {after.get('Date')}, due {after.get('DueDate') or 'as Xero says'}",
        f"number {number}" if number else "",
        f"reference {after.get('Reference')}",
        f"theme {after['BrandingTheme']}" if after.get("BrandingTheme") else "",
        f"amounts {after.get('LineAmountTypes')}, tax {_money(row['total_tax'])}",
    )
    return _said(", ".join(part for part in parts if part))


def _lines(row: Row, lines: Sequence[Row]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for line in lines_to_be(row, lines):
        discount = f"-{line['DiscountRate']} %" if line.get("DiscountRate") else ""
        booked = f"{line.get('AccountCode')} {line.get('TaxType')}"
        price = f"{line.get('Quantity')} x {line.get('UnitAmount')}"
        cells = (
            line["line"],
            line.get("ItemCode"),
            line.get("Description"),
            price,
            discount,
            booked,
            line.get("Tracking"),
        )
        table.add_row(*(_said(cell) for cell in cells), style="dim")
    return table


def _show_totals(console: Console, exported: Exported, org: Org) -> None:
    invoices = Counter(row["action"] for row in exported.invoices)
    items = Counter(item.action for item in exported.items)
    amounts: Counter[str] = Counter()
    for row in exported.invoices:
        if row["action"] in ("create", "update"):
            amounts[row["currency_code"]] += row["total"]
    told = [f"{invoices[action]:,} {word}" for action, word in _INVOICES.items() if invoices[action]]
    sums = ", ".join(f"{_money(amount)} {currency}" for currency, amount in sorted(amounts.items()))
    console.print()
    console.print(f"Invoices: {', '.join(told) or 'nothing to do'}{f'; {sums} in all' if sums else ''}.")
    if items:
        told = [f"{items[action]:,} {word}" for action, word in _ITEM.items() if items[action]]
        console.print(f"Items: {', '.join(told)}.")
    if exported.plan_id:
        console.print(f"Plan: {exported.plan_id}")
    if exported.applied:
        entries = exported.outcomes.values()
        failed = sum(1 for entry in entries if entry.status == "failed")
        refused = invoices["blocked"] + items["blocked"]
        console.print(f"Sent: {sum(1 for entry in entries if entry.status == 'succeeded'):,} records.")
        if failed or refused:
            console.print(
                f"[yellow]{failed + refused:,} records wait in the queue with their reasons:[/] xero-pipeline log {org.alias}"
            )


_INVOICES = {
    "create": "to create",
    "update": "to change",
    "no_op": "unchanged",
    "blocked": "refused",
    "waiting": "waiting for a person",
}


def _became(entry: Entry | None) -> str:
    if entry is None:
        return ""
    if entry.status == "succeeded":
        return f"  [green]sent[/] {_said(entry.number or '')}".rstrip()
    if entry.status == "pending":
        return "  [yellow]waits: the answer to its call was lost, and is looked up first"
    return f"  [red]refused:[/] {_said(entry.error)}"


def _why(row: Row) -> str:
    return " ".join(reason["sentence"] for reason in row["reasons"] or ())


def _value(value: str | None) -> str:
    return _said(value) if value else "[dim](none)[/]"


def _money(amount: Any) -> str:
    return "" if amount is None else f"{amount:,.2f}"


def _said(value: object) -> str:
    # Names and Xero's words may hold brackets, which are not ours to colour.
    return "" if value is None else escape(str(value))
