"""Which Salesforce account a Xero contact belongs to: ordered rules, exact evidence, and never a guess (products.md 2.7, 2.8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

Status = Literal["matched", "ambiguous", "unmatched"]
Rule = Literal["external_id", "account_number", "person_email", "name"]


@dataclass(frozen=True, slots=True)
class Contact:
    """What of a Xero contact is evidence."""

    contact_id: str
    name: str | None
    account_number: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """What of a Salesforce account is evidence. `person_email` is set for person accounts only."""

    account_id: str
    name: str | None
    account_number: str | None
    person_email: str | None
    xero_contact_id: str | None


@dataclass(frozen=True, slots=True)
class Match:
    """The decision for one contact: the account and the rule that found it, or the candidates that a person must choose from."""

    contact_id: str
    status: Status
    account_id: str | None = None
    rule: Rule | None = None
    candidates: tuple[str, ...] = ()
    evidence: str = ""


def normalised(text: str | None) -> str:
    """Trimmed, case-folded, inner spaces collapsed: the only liberties taken with a name (products.md 2.8)."""
    return " ".join((text or "").split()).casefold()


# In this order; within a rule both sides must be equal after normalising, and empty never equals empty.
_RULES: tuple[tuple[Rule, str, Callable[[Contact], str | None], Callable[[Account], str | None]], ...] = (
    ("external_id", "the account carries this contact's Xero id", lambda c: c.contact_id, lambda a: a.xero_contact_id),
    ("account_number", "the account numbers are equal", lambda c: c.account_number, lambda a: a.account_number),
    ("person_email", "the person account has the same email", lambda c: c.email, lambda a: a.person_email),
    ("name", "the names are equal", lambda c: c.name, lambda a: a.name),
)


class Matcher:
    """Finds the account of contacts among a fixed set of accounts; building it is linear, each decision constant."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._found: dict[Rule, dict[str, list[str]]] = {rule: defaultdict(list) for rule, *_ in _RULES}
        for account in accounts:
            for rule, _, _, of_account in _RULES:
                if key := normalised(of_account(account)):
                    self._found[rule][key].append(account.account_id)

    def decide(self, contact: Contact) -> Match:
        """The first rule with exactly one account wins.

        A rule with several narrows the choice: a later rule decides only among them, so that a duplicate account number can be
        settled by the name, while evidence that points elsewhere never overrules the stronger rule and goes to review.
        """
        choice: set[str] | None = None
        narrowed_by: list[str] = []
        for rule, sentence, of_contact, _ in _RULES:
            key = normalised(of_contact(contact))
            hits = set(self._found[rule].get(key, ())) if key else set()
            if not hits:
                continue
            if choice is not None and not hits & choice:
                continue
            choice = hits if choice is None else hits & choice
            narrowed_by.append(sentence)
            if len(choice) == 1:
                return Match(contact.contact_id, "matched", choice.pop(), rule, (), " and ".join(narrowed_by))
        if choice:
            count = f"{len(choice)} accounts are possible: "
            return Match(
                contact.contact_id, "ambiguous", None, None, tuple(sorted(choice)), count + " and ".join(narrowed_by)
            )
        return Match(contact.contact_id, "unmatched", evidence="no account has this id, number, email or name")
