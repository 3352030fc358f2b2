"""What the book says when an action breaks one of Xero's rules."""

from __future__ import annotations


class Refusal(Exception):
    """One or more sentences as Xero words them in `ValidationErrors`; nothing was changed in the book."""

    def __init__(self, message: str, *more: str) -> None:
        self.messages = (message, *more)
        super().__init__(" ".join(self.messages))
