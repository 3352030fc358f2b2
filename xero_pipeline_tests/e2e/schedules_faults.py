"""Random rules of faults: every kind that a network or a server can do, on any path of Xero, identity and Salesforce.

Left out are the two kinds that change what a record says, `unknown enum` and `missing field`: a record that was sent wrong
with a right stamp is wrong until it changes or a full sync finds the drift, so no run after it can be as if nothing happened.
"""

from __future__ import annotations

from random import Random

REFUSALS = ("429 minute", "429 day", "429 concurrent", "429 appminute", "401", "403", "500", "502", "503")
LOST = ("timeout before", "timeout after")
SPOILT = ("truncated", "cut", "html", "drip", "delay", "repeat page")
KINDS = (*REFUSALS, *LOST, *SPOILT)

XERO = (
    "Organisation", "BrandingThemes", "Accounts", "TaxRates", "TrackingCategories", "Currencies", "Items", "Contacts",
    "Invoices", "PurchaseOrders", "CreditNotes", "Quotes", "Prepayments", "Overpayments", "Payments", "ManualJournals",
)  # fmt: skip
# The whole of a system, and single lists and objects of it.
WHOLE = {
    "xero": ("^/api.xro/2.0/",),
    "identity": ("^/connect/token$", "^/services/oauth2/token$"),
    "salesforce": ("^/services/data/", "/describe$", "/queryAll", "/composite/"),
}
PARTS = {
    "xero": tuple(f"^/api.xro/2.0/{endpoint}$" for endpoint in XERO),
    "identity": WHOLE["identity"],
    "salesforce": (
        "^/services/data$",
        "/composite/sobjects$",
        *(
            f"/composite/sobjects/Xero_{name}__c"
            for name in ("Metadata", "Contact", "Invoice", "Invoice_Line", "Payment")
        ),
    ),
}
# Most calls are data calls, and what is written is what can go wrong twice.
_SYSTEMS = ("xero", "xero", "xero", "identity", "salesforce", "salesforce", "salesforce")


def rules(rng: Random) -> list[dict[str, object]]:
    """One to six rules, as the control API takes them."""
    return [_rule(rng) for _ in range(rng.choice((1, 2, 2, 3, 4, 6)))]


def system_of(path: str) -> str:
    """Which of the three a path belongs to."""
    if path.startswith(("/connect/", "/services/oauth2/")):
        return "identity"
    return "salesforce" if path.startswith(("/services/", "/id/")) else "xero"


def _rule(rng: Random) -> dict[str, object]:
    rule: dict[str, object] = {
        "what": rng.choice(KINDS),
        "match": {"path": rng.choice((WHOLE if rng.random() < 0.45 else PARTS)[rng.choice(_SYSTEMS)])},
        "when": _when(rng),
    }
    if rng.random() < 0.5:
        rule["count"] = rng.choice((1, 1, 2, 3, 5, 8))
    return rule | _options(rng, str(rule["what"]))


def _when(rng: Random) -> object:
    match rng.choice(("nth", "nth", "every", "probability", "probability", "always")):
        case "nth":
            return {"nth": rng.choice((1, 1, 1, 2, 3, 5, 9, 16))}
        case "every":
            return {"every": rng.randint(2, 6)}
        case "probability":
            return {"probability": round(rng.uniform(0.05, 0.8), 2), "seed": rng.randint(1, 10_000)}
    return "always"


def _options(rng: Random, what: str) -> dict[str, object]:
    """Timeouts, drips and delays are short here: how long a client waits is its own affair and tested elsewhere."""
    if what in LOST:
        return {"seconds": 0}
    if what in ("drip", "delay"):
        return {"seconds": 0.02}
    if what.startswith("429") and what != "429 day" and rng.random() < 0.5:
        return {"retry_after": rng.choice((0, 1, 30, 59, 200))}
    if what in ("500", "502", "503") and rng.random() < 0.3:
        return {"text": "upstream connect error or disconnect/reset before headers"}
    return {}
