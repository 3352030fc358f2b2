"""How a record is read off the wire: a msgspec struct whose snake_case fields are Xero's PascalCase ones.

Every field but the id is optional, because Xero leaves fields out of rows of the same type and status (xero.md section 2);
unknown fields are skipped; enums are plain text, so a value Xero adds tomorrow is kept. Times stay text here: `dates` reads
them, field by field, where rows are made.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

# A row of a table: its columns in declared order, without those the loader fills (org_id, synced_at, vanished_at).
Row: TypeAlias = tuple[object, ...]

_IRREGULAR = {"id": "ID", "utc": "UTC", "cis": "CIS", "cogs": "COGS"}


def pascal(name: str) -> str:
    """`updated_date_utc` -> `UpdatedDateUTC`, `logo_url` -> `LogoUrl`, `address_line1` -> `AddressLine1`."""
    return "".join(_IRREGULAR.get(word) or word.capitalize() for word in name.split("_"))


class Record(msgspec.Struct, rename=pascal, gc=False):
    """The base of every record. Money, rates and quantities are Decimal, whether sent as numbers or as text.

    Records never form cycles, so the garbage collector need not track them: a third of the time on large pages.
    """
