"""The organisations to keep in step, as `orgs.yaml` names them: alias, time zone, what is switched on."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import AfterValidator, Field, ValidationError

from xero_pipeline.domain.errors import Permanent
from xero_pipeline.domain.export_settings import Export
from xero_pipeline.domain.section import Section


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is not an IANA time zone such as Pacific/Auckland")
    return name


def _usable_alias(alias: str) -> str:
    # The alias is the first part of every asset key and a part of resource and job names, which Dagster restricts.
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", alias):
        raise ValueError(f"{alias!r} must be lower-case letters, digits and underscores, starting with a letter")
    if alias == "salesforce":
        raise ValueError("'salesforce' is the name of the Salesforce org that all organisations share")
    return alias


class Switches(Section):
    """Which document stages run. Contacts, invoices, credit notes and payments always do (BW-02, BW-04, BW-05, SFX-21).

    Each switch but `bills` costs one more Xero call a window; bills arrive in the same call as invoices.
    """

    bills: bool = True
    purchase_orders: bool = False
    quotes: bool = False
    prepayments: bool = False
    overpayments: bool = False
    manual_journals: bool = False

    @property
    def calls_of_a_window(self) -> int:
        """Xero calls of an idle window: contacts, invoices, credit notes and payments, and one for each switch but bills."""
        optional = (self.purchase_orders, self.quotes, self.prepayments, self.overpayments, self.manual_journals)
        return 4 + sum(optional)


class InvoiceLinks(Section):
    """How an invoice finds its opportunity or order (BW-10; products.md 2.9 and 2.10).

    `xero_field` is read from the invoice, the other two name columns of `salesforce.opportunities` and `salesforce.orders`.
    """

    xero_field: Literal["reference", "invoice_number"] = "reference"
    opportunity_field: Literal["xero_reference", "name", "opportunity_id"] = "xero_reference"
    order_field: Literal["xero_reference", "order_number", "order_id"] = "xero_reference"
    prefer: Literal["order", "opportunity"] = "order"


class Rollups(Section):
    """What is rolled up on accounts and opportunities (BW-45 to BW-49; products.md 2.2 to 2.6)."""

    type: Literal["both", "account", "opportunity", "none"] = "both"
    basis: Literal["total", "sub_total"] = "total"
    submitted_counts_as_draft: bool = True
    prepayments_count_as_credit: bool = True

    @property
    def for_accounts(self) -> bool:
        return self.type in ("both", "account")

    @property
    def for_opportunities(self) -> bool:
        return self.type in ("both", "opportunity")


class Org(Section):
    """One Xero organisation. `tenant` is its name or tenant id; empty means the only one the connection can see."""

    alias: Annotated[str, AfterValidator(_usable_alias)]
    time_zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    tenant: str = ""
    sync: Switches = Switches()
    invoice_prefixes: tuple[str, ...] = ()
    invoice_links: InvoiceLinks = InvoiceLinks()
    rollups: Rollups = Rollups()
    # Whether contacts that differ from their balances in Xero stop the run before anything is written (block), or only warn.
    proof: Literal["block", "warn"] = "block"
    write_back: bool = True
    export: Export = Export()
    window_days: int = Field(default=35, ge=1, le=400)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def proof_can_hold(self) -> bool:
        """Whether all that Xero's balances count is synced; otherwise a difference proves nothing."""
        return self.sync.bills and self.sync.prepayments and self.sync.overpayments

    def in_scope(self, invoice_number: str | None) -> bool:
        """Whether a sales invoice passes the prefix filter (BW-24, products.md 2.11): case-sensitive, none set means all."""
        return not self.invoice_prefixes or (invoice_number or "").startswith(self.invoice_prefixes)


class _File(Section):
    orgs: tuple[Org, ...] = Field(min_length=1)


def parse_orgs(text: str, source: str) -> tuple[Org, ...]:
    """Every organisation of an `orgs.yaml` text. `source` names the file in the error.

    Raises Permanent, with one line a mistake, when the text is not YAML, has unknown keys or names an organisation twice.
    """
    try:
        orgs = _File.model_validate(yaml.safe_load(text) or {}).orgs
    except yaml.YAMLError as error:
        raise Permanent(f"{source} is not valid YAML: {' '.join(str(error).split())}.") from error
    except ValidationError as error:
        # A list with a faulty entry is told as too short beside it.
        places = [e["loc"] for e in error.errors()]
        faults = "; ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['msg'].removeprefix('Value error, ')}"
            for e in error.errors()
            if not any(place != e["loc"] and place[: len(e["loc"])] == e["loc"] for place in places)
        )
        raise Permanent(f"{source} cannot be used: {faults}.", next_step="Correct it and run again.") from error
    aliases = [org.alias for org in orgs]
    twice = sorted({alias for alias in aliases if aliases.count(alias) > 1})
    if twice:
        raise Permanent(f"{source} names {', '.join(twice)} twice.", next_step="Give every organisation its own alias.")
    return orgs
