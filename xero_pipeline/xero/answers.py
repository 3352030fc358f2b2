"""What Xero answers to a batch: an Answer an element, in the order sent, or an error when that cannot be told for sure.

With summarizeErrors=false Xero answers 200 with every element, each with its own StatusAttributeString, HasErrors,
ValidationErrors and Warnings (xero.md section 3, Batch). Should it ignore that and answer 400 for the whole request, the
elements that it names are refused, and what became of the others is not known.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

import httpx

from xero_pipeline.domain.errors import OutcomeUnknown
from xero_pipeline.xero import faults
from xero_pipeline.xero.pages import Unreadable, storable

# What tells records apart: Xero's id, and the key that we give (design: Invoices carry the sale's address as Url).
IDENTITY: Mapping[str, tuple[str, str]] = {
    "Invoices": ("InvoiceID", "Url"),
    "Contacts": ("ContactID", "ContactNumber"),
    "Items": ("ItemID", "Code"),
}
# The id of a new record that was refused.
_NO_ID = "00000000-0000-0000-0000-000000000000"

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What Xero made of one element of a batch, in the order sent.

    `record` is Xero's own JSON of the element, every number in it a Decimal; of one that was refused it is what Xero echoes.
    `messages` are the validation errors in Xero's words, each once: the element's own, then those under its Contact, its
    LineItems and whatever else it holds.
    """

    ok: bool
    record: Json
    messages: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def reader(plural: str, sent: Sequence[Json], what: str) -> Callable[[httpx.Response], list[Answer]]:
    """Reads the answer, 200 or 400, to a batch of `sent` elements; `what` names the call in errors.

    It raises Unreadable when the body is no answer of Xero's; OutcomeUnknown when the elements in it do not line up with those
    sent, or contradict themselves; Permanent when the request was refused as a whole.
    """

    def read(response: httpx.Response) -> list[Answer]:
        if response.status_code == 400:
            return _refused_together(plural, sent, response, what)
        return _one_by_one(plural, sent, elements(decoded(response.content), plural), what)

    return read


def decoded(content: bytes) -> dict[str, Any]:
    """A body as JSON, every number a Decimal, without what PostgreSQL cannot store. Raises Unreadable when it is no object."""
    try:
        whole = json.loads(storable(content), parse_float=Decimal, parse_int=Decimal, parse_constant=_no_number)
    except ValueError as error:
        raise Unreadable(str(error)) from error
    if not isinstance(whole, dict):
        raise Unreadable("not an object")
    return whole


def elements(whole: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The list of this name in an answer. Raises Unreadable when there is none."""
    listed = whole.get(name)
    if not isinstance(listed, list) or not all(isinstance(element, dict) for element in listed):
        raise Unreadable(f"no list of {name}")
    return listed


def messages_of(element: object, field: str = "ValidationErrors") -> tuple[str, ...]:
    """The sentences of an element's `field`, its own first, then those further down; each once."""
    return tuple(dict.fromkeys(_sentences(element, field)))


def _one_by_one(plural: str, sent: Sequence[Json], got: list[dict[str, Any]], what: str) -> list[Answer]:
    if len(got) != len(sent):
        _unclear(f"Xero answered {what} with {len(got)} elements for {len(sent)}")
    id_field = IDENTITY[plural][0]
    _require_same_order(plural, sent, got, what)
    return [_answer(element, id_field, what) for element in got]


def _answer(element: dict[str, Any], id_field: str, what: str) -> Answer:
    status = str(element.get("StatusAttributeString") or "").upper()
    messages = messages_of(element)
    bad = element.get("HasErrors") is True or status == "ERROR"
    good = status in ("OK", "WARNING")
    if not good and not bad:
        bad = bool(messages)
        good = not bad
    named = str(element.get(id_field) or _NO_ID) != _NO_ID
    # Good and bad at once, or good without an id: taken either way it might be wrong.
    if good and (bad or not named):
        said = status or "nothing of it"
        _unclear(
            f"Xero's answer to {what} contradicts itself: it says {said} to an element with {element.get(id_field)}"
        )
    return Answer(good, element, messages, messages_of(element, "Warnings"))


def _refused_together(plural: str, sent: Sequence[Json], response: httpx.Response, what: str) -> list[Answer]:
    try:
        body = decoded(response.content)
        named = elements(body, "Elements")
    except Unreadable:
        body, named = {}, []
    if not named or body.get("Type") != "ValidationException":
        raise faults.of_write(response, what)
    places = range(len(sent)) if len(named) == len(sent) else [_place(plural, sent, element) for element in named]
    refused = {
        place: Answer(False, element, messages, messages_of(element, "Warnings"))
        for place, element in zip(places, named, strict=True)
        if place is not None and (messages := messages_of(element))
    }
    if len(refused) == len(sent):
        return [refused[place] for place in range(len(sent))]
    # Whether it kept the elements that are in order is not documented.
    raise OutcomeUnknown(
        f"Xero refused {what} as a whole because of {len(named)} of its {len(sent)} elements "
        f"({'; '.join(messages_of(named))[:300]}), so it is not known what became of the others.",
        answered=True,
        refused={place: answer.messages for place, answer in refused.items()},
    )


def _require_same_order(plural: str, sent: Sequence[Json], got: Sequence[Json], what: str) -> None:
    """An element that carries another one's id or key is not in its place. One that carries neither proves nothing."""
    for field in IDENTITY[plural]:
        others = {str(element[field]).casefold() for element in sent if element.get(field)}
        for asked, answered in zip(sent, got, strict=True):
            mine, theirs = (str(one.get(field) or "").casefold() for one in (asked, answered))
            if theirs != mine and theirs in others:
                _unclear(f"Xero answered {what} in another order than it was asked")


def _place(plural: str, sent: Sequence[Json], element: Json) -> int | None:
    """Where the only element was sent that has the id or the key of this one."""
    for field in IDENTITY[plural]:
        value = str(element.get(field) or "").casefold()
        places = [
            place for place, asked in enumerate(sent) if value and str(asked.get(field) or "").casefold() == value
        ]
        if len(places) == 1:
            return places[0]
    return None


def _sentences(value: object, field: str) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _sentences(one, field)
    elif isinstance(value, dict):
        for fault in value.get(field) or ():
            said = (fault.get("Message") or fault.get("Description")) if isinstance(fault, dict) else fault
            if said:
                yield " ".join(str(said).split())
        for name, one in value.items():
            if name != field:
                yield from _sentences(one, field)


def _unclear(message: str) -> NoReturn:
    raise OutcomeUnknown(f"{message}, so it is not known what was done.", answered=True)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")
