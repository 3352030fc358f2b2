"""What is asked of the API in one call, and what becomes of it when it fails."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import httpx

from xero_pipeline.domain.errors import OutcomeUnknown, Transient
from xero_pipeline.xero import faults

T = TypeVar("T")


class Refused(Exception):
    """A 429, on its way to the budget."""

    def __init__(self, problem: str, retry_after: float | None) -> None:
        self.problem = problem
        self.retry_after = retry_after
        super().__init__(problem)


class Passing(Exception):
    """A failure that may pass, and the seconds Xero asks to wait, if it does."""

    def __init__(self, fault: Transient, retry_after: float = 0.0) -> None:
        self.fault = fault
        self.retry_after = retry_after
        super().__init__(fault.message)


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One call, and what its failures mean: a read may be repeated after any of them, a write only if nothing was done."""

    method: str
    endpoint: str
    path: str
    read: Callable[[httpx.Response], T]
    params: Mapping[str, str]
    headers: Mapping[str, str]
    accepts: Container[int]
    exporting: bool = False
    content: bytes | None = None
    # By the budget's clock, when the last moment to send it is.
    last: float | None = None

    @property
    def what(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def writes(self) -> bool:
        return self.content is not None

    @property
    def key(self) -> Hashable:
        """The same for two calls that ask the same."""
        return self.what, frozenset(self.params.items()), frozenset(self.headers.items())

    def lost(self, error: httpx.RequestError, *, answered: bool) -> Exception:
        if self.writes and not faults.never_sent(error):
            return faults.lost_write(error, self.what, answered=answered)
        return Passing(faults.no_answer(error, self.what))

    def refusal(self, response: httpx.Response) -> Exception:
        if self.writes:
            return faults.of_write(response, self.what)
        fault = faults.of_api(response, self.what)
        return Passing(fault, retry_after(response) or 0.0) if isinstance(fault, Transient) else fault

    def unreadable(self) -> Exception:
        message = f"Xero answered {self.what} with something that is cut off or no list of records."
        return OutcomeUnknown(message, answered=True) if self.writes else Passing(Transient(message))


def retry_after(response: httpx.Response) -> float | None:
    """Seconds that Xero asks to wait, if it says so."""
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else None
