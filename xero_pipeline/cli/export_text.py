"""An export as a person reads it: a line an invoice or item, what changes in it, and what keeps the others back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.markup import escape

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
            _line(console, f"[yellow]waits[/]   {_said(called(row))}: {_said(_why(row))}")
    show_totals(console, exported, org)
    if apply_with := command(exported, org):
        console.print("Nothing was sent. To send exactly this:", style="bold")
        _line(console, f"  {_said(apply_with)}")


def show_refused(console: Console, exported: Exported, *, brief: bool = False) -> None:
    """Print what the checks refuse, by root; with `brief` a line each."""
    for refused in by_cause(exported):
        count = len(refused.records)
        _line(console, f"[red]refused[/] {count:,} x {_said(refused.sentence)}  [dim]{_said(refused.cause)}[/]")
        if brief:
            continue
        named = [name for name, _ in refused.records]
        rest = f" and {count - _NAMED:,} others" if count > _NAMED else ""
        _line(console, f"        {_said(', '.join(named[:_NAMED]))}{rest}")
        _line(console, f"        [dim]{_said(refused.fix)}[/]")
        for name, more in refused.records:
            for sentence in more:
                _line(console, f"        [dim]{_said(name)} also: {_said(sentence)}[/]")


def _show_item(console: Console, item: PlannedItem, entry: Entry | None) -> None:
    what = f"[{_COLOURS[item.action]}]{_ITEM[item.action]:<8}[/]item {_said(item.product.code)}  {_said(item.product.name)}"
    _line(console, f"{what}  {_money(item.product.price)}{_became(entry)}")


def _show_invoice(console: Console, row: Row, lines: Sequence[Row], exported: Exported) -> None:
    entry = exported.outcomes.get(("invoices", row["external_id"]))
    _line(
        console,
        f"[{_COLOURS[row['action']]}]{row['action']:<8}[/][bold]{_said(called(row))}[/]  {_said(row['account_name'])}  "
        f"{_money(row['total'])} {row['currency_code']}{_became(entry)}",
    )
    for each in row["creates"] or ():
        _line(console, f"        creates the {_said(each)} first")
    if row["action"] == "update":
        for change in changed_fields(row, lines):
            field = change.field if change.line_id is None else f"line {change.line or change.line_id} {change.field}"
            _line(console, f"        {field}: {_value(change.before)} -> {_value(change.after)}")
    elif not exported.applied:
        _line(console, f"        [dim]{_headers(row)}[/]")
        for line in lines_to_be(row, lines):
            _line(console, f"        [dim]{_said(_of_line(line))}[/]")


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


def _of_line(line: Mapping[str, object]) -> str:
    discount = f" less {line['DiscountRate']} %" if line.get("DiscountRate") else ""
    parts = (
        f"{line['line']:>3}  {line.get('ItemCode') or ''}".rstrip(),
        line.get("Description"),
        f"{line.get('Quantity')} x {line.get('UnitAmount')}{discount}",
        f"{line.get('AccountCode')} {line.get('TaxType')}",
        line.get("Tracking"),
    )
    return "  ".join(str(part) for part in parts if part)


def show_totals(console: Console, exported: Exported, org: Org) -> None:
    """Print how many records come to what, what they amount to, and where to read on."""
    invoices = Counter(
        _fate(row["action"], exported.outcomes.get(("invoices", row["external_id"]))) for row in exported.invoices
    )
    items = Counter(
        _fate(item.action, exported.outcomes.get(("items", item.product.product_id))) for item in exported.items
    )
    amounts: Counter[str] = Counter()
    for row in exported.invoices:
        if row["action"] in ("create", "update"):
            amounts[row["currency_code"]] += row["total"]
    sums = ", ".join(f"{_money(amount)} {currency}" for currency, amount in sorted(amounts.items()))
    console.print()
    _line(console, f"Invoices: {_counted(invoices) or 'nothing to do'}{f'; {sums} in all' if sums else ''}.")
    if items:
        _line(console, f"Items: {_counted(items)}.")
    if exported.plan_id:
        _line(console, f"Plan: {exported.plan_id}")
    waiting = sum(invoices[fate] + items[fate] for fate in ("refused", "refused by Xero", "waiting for a person"))
    if exported.applied and waiting:
        _line(console, f"[yellow]{waiting:,} wait in the queue with their reasons:[/] xero-pipeline log {org.alias}")


def _fate(action: str, entry: Entry | None) -> str:
    """What is to become of a record or, once it was applied, what has."""
    if entry is None:
        return _TO_COME[action]
    if entry.status == "succeeded":
        return "created" if action == "create" else "changed"
    return "on its way" if entry.status == "pending" else "refused by Xero"


def _counted(fates: Counter[str]) -> str:
    return ", ".join(
        f"{count:,} {fate}" for fate, count in sorted(fates.items(), key=lambda each: _ORDER.index(each[0]))
    )


_TO_COME = {
    "create": "to create",
    "update": "to change",
    "no_op": "unchanged",
    "blocked": "refused",
    "waiting": "waiting for a person",
}
_ORDER = ("created", "changed", "on its way", "refused by Xero", *_TO_COME.values())


def _line(console: Console, text: str) -> None:
    # The terminal breaks long lines itself, and a file keeps them whole.
    console.print(text, soft_wrap=True)


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
