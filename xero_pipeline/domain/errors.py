"""What can go wrong, in seven kinds, each telling the reader what happened and what to do next.

Clients translate every failure of the network, of Xero, of Salesforce and of PostgreSQL into one of these; stages decide by
kind alone; the CLI prints the sentence and exits with `exit_code`. A message never holds a token, a secret or a password.
"""

from __future__ import annotations

from collections.abc import Mapping


class PipelineError(Exception):
    """The root of the taxonomy: `message` is one sentence for a person, `next_step` says what to do about it."""

    exit_code = 1
    next_step_default = ""

    def __init__(self, message: str, *, next_step: str = "") -> None:
        self.message = message
        self.next_step = next_step or self.next_step_default
        super().__init__(f"{message} {self.next_step}".strip())


class Transient(PipelineError):
    """The other side or the network failed in a way that passes: timeouts, 5xx, truncated bodies. Safe to run again."""

    next_step_default = "Nothing is lost; the next run continues from what was kept."


class OutcomeUnknown(Transient):
    """Something was sent to be written, and whether it was is not known. Who sent it has to find out, and never sends it blindly.

    `answered` is True when Xero answered all the same, with an internal error or something unreadable: this request is over,
    and Xero gives the same answer to the same idempotency key for six minutes. False when no answer of Xero's own came: it may
    still be at work, and the same request under the same key is safe for as long. `refused` holds what is certain nonetheless:
    Xero's reasons by the place, from 0, of each element that it did refuse.
    """

    next_step_default = "Nothing is sent again before Xero was asked what became of it; the next run does that."

    def __init__(
        self, message: str, *, answered: bool, refused: Mapping[int, tuple[str, ...]] | None = None, next_step: str = ""
    ) -> None:
        self.answered = answered
        self.refused = dict(refused or {})
        super().__init__(message, next_step=next_step)


class Throttled(PipelineError):
    """A call limit is spent. `problem` is minute, day, appminute or concurrent; `retry_after` is in seconds."""

    next_step_default = "What was done is kept; the next run continues once the limit resets."

    def __init__(self, message: str, *, problem: str, retry_after: float, next_step: str = "") -> None:
        self.problem = problem
        self.retry_after = retry_after
        super().__init__(message, next_step=next_step)


class Reconnect(PipelineError):
    """The connection is no longer authorised, and only a person can renew it. Never retried."""

    next_step_default = "Connect again with `xero-pipeline connect`."


class Permanent(PipelineError):
    """A request, a setting or an answer that would fail the same way again. Never retried."""

    next_step_default = "What was staged is kept; `xero-pipeline doctor` checks settings, connections and tables."


class BadRecord(PipelineError):
    """One record cannot be used. It is set aside with its reason; its neighbours go on."""

    def __init__(self, message: str, *, record_id: str, next_step: str = "") -> None:
        self.record_id = record_id
        super().__init__(message, next_step=next_step)


class AlreadyRunning(PipelineError):
    """Another sync of the same organisation holds the lock. Nothing was changed."""

    exit_code = 3
    next_step_default = "Nothing was changed; try again when it has ended."
