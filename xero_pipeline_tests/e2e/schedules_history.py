"""What people do in Xero and Salesforce between syncs: drawn at random once, then repeated the same way, to the id and second.

Left out is what the outcome of depends, by rule, on which syncs came in time: what decides a match or a link (both stay once
made), the last sales invoice of an account or opportunity (its figures then go to zero, or were never shown), settings of the
organisation (read by the hour), and changes that move no stamp (found by a full sync).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from xero_pipeline_tests.clocks import START
from xero_pipeline_tests.e2e.schedules_ground import ACCOUNTS, Ground

ROUNDS = 4  # the initial sync and three deltas
# Longer than the look-back of a window and its overlap, so that a watermark that is wrong is not made good by either.
HOUR = timedelta(minutes=60)
_BETWEEN = timedelta(minutes=80)
_FEWEST, _MOST = 6, 14
_CREDITS = ("CreditNotes", "Prepayments", "Overpayments")
_STAGES = ("Prospecting", "Qualification", "Negotiation/Review", "Closed Won")


@dataclass(frozen=True)
class Deed:
    """A request of the control API, when it was made, and whether it was done or refused."""

    at: datetime
    method: str
    path: str
    body: Mapping[str, object]
    done: bool


# What was done before each sync; before the first, nothing.
History = list[list[Deed]]


def begins_at(number: int) -> datetime:
    """When the hour before a round's sync begins, UTC."""
    return START + number * _BETWEEN


def repeat(ground: Ground, deeds: list[Deed]) -> None:
    """What was done once, at the same moments on another copy; even what was refused, because it may have used up an id."""
    for deed in deeds:
        ground.world.clock.set(deed.at)
        answer = ground.control.request(deed.method, deed.path, json=deed.body)
        assert answer.is_success is deed.done, (deed, answer.text)


@dataclass
class People:
    """Whoever works in the two systems. Every public method but `work` is a deed, which may find nothing to do it to."""

    ground: Ground
    rng: Random
    deeds: list[Deed] = field(default_factory=list)
    # Contacts nobody in Salesforce knows: archiving and merging them decides nothing.
    loners: list[str] = field(default_factory=list)
    # An invoice by contact that is never voided or deleted, so that no account loses its last.
    keepers: dict[str, str] = field(default_factory=dict)
    made: int = 0

    def __post_init__(self) -> None:
        for invoice_id, invoice in self._all("Invoices").items():
            if invoice["Type"] == "ACCREC" and invoice["Status"] in ("AUTHORISED", "PAID"):
                self.keepers.setdefault(invoice["Contact"]["ContactID"], invoice_id)

    def work(self, number: int) -> list[Deed]:
        """A few random deeds before the sync of this round."""
        self.deeds = []
        count = self.rng.randint(_FEWEST, _MOST) if number else 0
        for second in sorted(self.rng.sample(range(int(HOUR.total_seconds())), count)):
            self.ground.world.clock.set(begins_at(number) + timedelta(seconds=second))
            self.rng.choice(DEEDS)(self)
        return self.deeds

    # -- in Xero -------------------------------------------------------------------------------------------------------

    def invoice(self) -> None:
        contact, more = self._some_contact(), {}
        like = self._one("Invoices", Type="ACCREC")
        if like and str(like.get("Reference", "")).startswith("OPP-") and self.rng.random() < 0.7:
            contact, more = like["Contact"]["ContactID"], {"Reference": like["Reference"]}
        kind = self.rng.choice(("ACCREC", "ACCREC", "ACCREC", "ACCPAY"))
        status = self.rng.choice(("AUTHORISED", "AUTHORISED", "DRAFT", "SUBMITTED"))
        number = {"InvoiceNumber": self._name("BILL")} if kind == "ACCPAY" else {}
        fields = {"Type": kind, "Status": status, "DueDate": "2026-12-20", "LineItems": self._lines(), **more, **number}
        self._xero("create_invoice", Contact={"ContactID": contact}, **fields)

    def pay(self) -> None:
        invoice = self._one("Invoices", Status="AUTHORISED")
        if invoice:
            part = {} if self.rng.random() < 0.5 else {"amount": str(invoice["AmountDue"] / 4)}
            self._xero("pay_invoice", invoice=invoice["InvoiceID"], **part)

    def reverse(self) -> None:
        payment = self._one("Payments", Status="AUTHORISED")
        if payment:
            self._xero("reverse_payment", payment=payment["PaymentID"])

    def pay_and_reverse_later(self) -> None:
        """Most payments that are reversed were made lately, and then everything is as it was before."""
        payments = list(self._all("Payments").values())
        if payments and payments[-1]["Status"] == "AUTHORISED":
            self._xero("reverse_payment", payment=payments[-1]["PaymentID"])
        else:
            self.pay()

    def reconcile(self) -> None:
        payment = self._one("Payments", Status="AUTHORISED")
        if payment:
            self._xero("reconcile_payment", payment=payment["PaymentID"])

    def void(self) -> None:
        invoice = self._one("Invoices", Status="AUTHORISED")
        if invoice and self._may_go(invoice):
            self._xero("void_invoice", invoice=invoice["InvoiceID"])

    def delete(self) -> None:
        invoice = self._one("Invoices", Status="DRAFT")
        if invoice and self._may_go(invoice):
            self._xero("delete_invoice", invoice=invoice["InvoiceID"])

    def approve(self) -> None:
        invoice = self._one("Invoices", Status=self.rng.choice(("DRAFT", "SUBMITTED")))
        if invoice:
            self._xero("approve_invoice", invoice=invoice["InvoiceID"])

    def rewrite_lines(self) -> None:
        invoice = self._one("Invoices", Status="AUTHORISED")
        if invoice:
            kept = [{"LineItemID": line["LineItemID"]} for line in invoice["LineItems"]][: self.rng.randint(0, 2)]
            self._xero("update_invoice", invoice=invoice["InvoiceID"], fields={"LineItems": [*kept, *self._lines()]})

    def credit(self) -> None:
        kind, status = self.rng.choice(("ACCRECCREDIT", "ACCPAYCREDIT")), self.rng.choice(("DRAFT", "AUTHORISED"))
        like = self._one("Invoices", Status="AUTHORISED")
        contact = like["Contact"]["ContactID"] if like else self._some_contact()
        number = {"CreditNoteNumber": self._name("CN")}
        fields = {"Type": kind, "Status": status, "LineItems": self._lines(), **number}
        self._xero("create_credit_note", Contact={"ContactID": contact}, **fields)

    def approve_credit(self) -> None:
        note = self._one("CreditNotes", Status="DRAFT")
        if note:
            self._xero("approve_credit_note", credit=note["CreditNoteID"])

    def allocate(self) -> None:
        plural = self.rng.choice(_CREDITS)
        credit = self._one(plural, Status="AUTHORISED")
        if credit:
            same = {"Status": "AUTHORISED", "Contact": credit["Contact"]}
            invoice = self._one("Invoices", **same)
            if invoice:
                self._xero("allocate_credit", credit=credit[f"{plural[:-1]}ID"], invoice=invoice["InvoiceID"])

    def take_back(self) -> None:
        for plural in _CREDITS:
            for credit_id, credit in self._all(plural).items():
                if credit.get("Allocations"):
                    allocation = credit["Allocations"][0]["AllocationID"]
                    self._xero("remove_allocation", credit=credit_id, allocation=allocation)
                    return

    def prepay(self) -> None:
        lever, kind = self.rng.choice((("prepayment", "PREPAYMENT"), ("overpayment", "OVERPAYMENT")))
        side = self.rng.choice(("RECEIVE", "SPEND"))
        contact = {"ContactID": self._some_contact()}
        self._xero(f"create_{lever}", Type=f"{side}-{kind}", Contact=contact, LineItems=self._lines(1))

    def order(self) -> None:
        lever = self.rng.choice(("create_purchase_order", "create_quote"))
        self._xero(lever, Contact={"ContactID": self._some_contact()}, LineItems=self._lines())

    def journal(self) -> None:
        lines = [{"LineAmount": amount, "AccountCode": code} for amount, code in zip((5, -5), ACCOUNTS, strict=True)]
        self._xero("create_manual_journal", Narration=self._name("Journal"), JournalLines=lines)

    def contact(self) -> None:
        made = self._xero("create_contact", Name=self._name("Newcomer"))
        if made:
            self.loners.append(made["ContactID"])

    def edit_contact(self) -> None:
        phones = [{"PhoneType": "DEFAULT", "PhoneNumber": str(self.rng.randint(100, 999))}]
        self._xero("edit_contact", contact=self._some_contact(), fields={"FirstName": "Ana", "Phones": phones})

    def archive_or_merge(self) -> None:
        if not self.loners:
            return
        loner = self.loners.pop(self.rng.randrange(len(self.loners)))
        if self.rng.random() < 0.5:
            self._xero("archive_contact", contact=loner)
        else:
            self._xero("merge_contacts", **{"from": loner, "into": self._some_contact()})

    # -- in Salesforce -------------------------------------------------------------------------------------------------

    def account(self) -> None:
        """An account for somebody who is new in Xero too."""
        if self.loners:
            loner = self.loners.pop()
            self._salesforce("POST", "Account", Name=self.ground.book.get("Contacts", loner)["Name"])

    def edit_account(self) -> None:
        self._salesforce("PATCH", f"Account/{self._some('Account')}", Phone=str(self.rng.randint(1000, 9999)))

    def meddle(self) -> None:
        """A person overwrites a figure of ours."""
        fields = {"Xero_Total_Paid__c": self.rng.randint(1, 99), "Xero_Total_Due__c": self.rng.randint(1, 99)}
        self._salesforce("PATCH", f"Account/{self._some('Account')}", **fields)

    def opportunity(self) -> None:
        """A deal that an invoice names already, or one that none does."""
        invoice = self._one("Invoices", Type="ACCREC")
        reference = str(invoice.get("Reference", "")) if invoice else ""
        named = {str(row.get("Xero_Reference__c")).lower() for row in self._rows("Opportunity", "Order")}
        if not reference.startswith("OPP-") or reference.lower() in named:
            reference = self._name("OPP")
        fields = {"Name": reference, "StageName": "Prospecting", "CloseDate": "2026-12-01"}
        self._salesforce("POST", "Opportunity", AccountId=self._some("Account"), Xero_Reference__c=reference, **fields)

    def edit_opportunity(self) -> None:
        fields = {"StageName": self.rng.choice(_STAGES), "Description": self._name("Said")}
        self._salesforce("PATCH", f"Opportunity/{self._some('Opportunity')}", **fields)

    def edit_product(self) -> None:
        self._salesforce("PATCH", f"Product2/{self._some('Product2')}", Description=self._name("Better"))

    # -- choosing ------------------------------------------------------------------------------------------------------

    def _may_go(self, invoice: Mapping[str, Any]) -> bool:
        if invoice["Type"] == "ACCPAY":
            return True
        keeper = self.keepers.get(invoice["Contact"]["ContactID"], invoice["InvoiceID"])
        named = str(invoice.get("Reference", "")).startswith(("OPP-", "SO-"))
        return keeper != invoice["InvoiceID"] and not named

    def _all(self, plural: str) -> dict[str, Any]:
        return self.ground.book.collections[plural]

    def _one(self, plural: str, **like: object) -> dict[str, Any] | None:
        fits = [each for each in self._all(plural).values() if all(each.get(name) == like[name] for name in like)]
        return self.rng.choice(fits) if fits else None

    def _some_contact(self) -> str:
        contact = self._one("Contacts", ContactStatus="ACTIVE")
        assert contact is not None
        return str(contact["ContactID"])

    def _rows(self, *objects: str) -> list[Any]:
        return [row for name in objects for row in self.ground.world.org.tables[name].rows.values()]

    def _some(self, name: str) -> str:
        return str(self.rng.choice([row["Id"] for row in self._rows(name) if not row["IsDeleted"]]))

    def _name(self, what: str) -> str:
        self.made += 1
        return f"{what}-9{self.made:05}"

    def _lines(self, most: int = 3) -> list[dict[str, object]]:
        return [
            {
                "Description": self._name("Part"),
                "Quantity": self.rng.randint(1, 4),
                "UnitAmount": self.rng.choice((10, 20.05, 99.99, 0.01)),
                "AccountCode": self.rng.choice(ACCOUNTS),
            }
            for _ in range(self.rng.randint(1, most))
        ]

    # -- doing ---------------------------------------------------------------------------------------------------------

    def _xero(self, lever: str, **arguments: object) -> dict[str, Any] | None:
        return self._do("POST", f"/xero/first/actions/{lever}", arguments)

    def _salesforce(self, method: str, path: str, **fields: object) -> None:
        self._do(method, f"/salesforce/records/{path}", fields)

    def _do(self, method: str, path: str, body: Mapping[str, object]) -> dict[str, Any] | None:
        answer = self.ground.control.request(method, path, json=body)
        self.deeds.append(Deed(self.ground.world.clock.now(), method, path, body, answer.is_success))
        found: dict[str, Any] | None = answer.json() if answer.is_success else None
        return found


# What may be done next; what is common stands there twice.
DEEDS: tuple[Callable[[People], None], ...] = (
    People.invoice, People.invoice, People.pay, People.pay, People.reverse, People.pay_and_reverse_later,
    People.pay_and_reverse_later, People.reconcile, People.void, People.delete, People.approve, People.rewrite_lines,
    People.credit, People.approve_credit, People.allocate, People.allocate, People.take_back, People.prepay, People.order,
    People.journal, People.contact, People.edit_contact, People.archive_or_merge, People.account, People.edit_account,
    People.meddle, People.opportunity, People.edit_opportunity, People.edit_product,
)  # fmt: skip
