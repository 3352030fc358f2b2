"""A part of `orgs.yaml`: typed, frozen, and strict about keys it does not know."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """The base of every part of the file: an unknown key is a mistake and not a wish that is passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True)
