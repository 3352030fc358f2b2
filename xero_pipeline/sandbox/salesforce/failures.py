"""How the sandbox says no: one kind for a whole request, one for a single row.

Wording and codes follow reference/salesforce.md, section 2 ("Status codes"); HTTP statuses are those of the single-record
resources. Inside collections a `RowError` becomes one element of the answer instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class ApiError(Exception):
    """A request that is refused as a whole: `status`, and a list body with one `{message, errorCode, fields?}`."""

    def __init__(self, status: int, code: str, message: str, fields: Sequence[str] | None = None) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields
        super().__init__(f"{code}: {message}")


class RowError(Exception):
    """A row that is refused, its neighbours in the same request apart; `status` is for a row that was the whole request.

    `detail` is what an error says besides its message, such as the duplicates it found.
    """

    def __init__(
        self,
        code: str,
        message: str,
        fields: Sequence[str] = (),
        *,
        status: int = 400,
        detail: Mapping[str, object] | None = None,
    ) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.fields = tuple(fields)
        self.detail = detail
        super().__init__(f"{code}: {message}")


class SeveralMatches(Exception):
    """An upsert whose external id belongs to several records; `ids` are theirs. Nothing was written."""

    def __init__(self, ids: Sequence[str]) -> None:
        self.ids = tuple(ids)
        super().__init__(f"{len(self.ids)} records match")


def not_found() -> ApiError:
    """The answer to a path, an id or an external id field that does not exist."""
    return ApiError(404, "NOT_FOUND", "The requested resource does not exist")
