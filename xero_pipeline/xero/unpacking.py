"""Answers whose body is unpacked by ISA-L, which takes less than half of the time that zlib, and so httpx, takes for gzip."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

import httpx
from isal import igzip, isal_zlib

_DAMAGED = (EOFError, OSError, isal_zlib.IsalError)


@dataclass(frozen=True, slots=True)
class Packed:
    """An answer that came whole, its `body` as it was sent: of a list it is a tenth of what it will be.

    The body is None where somebody has read it already; the answer then has it.
    """

    answer: httpx.Response
    body: bytes | None

    def unpacked(self) -> httpx.Response:
        """The answer with its body. Raises httpx.DecodingError when that cannot be unpacked.

        Whatever is packed in another way than gzip is left to httpx.
        """
        if self.body is None:
            return self.answer
        body, headers = self.body, self.answer.headers.copy()
        if headers.get("Content-Encoding") == "gzip" and body:
            del headers["Content-Encoding"]
            try:
                body = igzip.decompress(body)  # type: ignore[no-untyped-call]
            except _DAMAGED as error:  # type: ignore[misc]
                raise httpx.DecodingError(str(error), request=self.answer.request) from error
        return httpx.Response(self.answer.status_code, headers=headers, content=body, request=self.answer.request)


def received(answer: httpx.Response) -> Packed:
    """An answer that is being streamed, with the rest of it, and closed. Raises what httpx raises when that does not come."""
    if answer.is_stream_consumed:
        return Packed(answer, None)
    with closing(answer):
        body = b"".join(answer.iter_raw())
    # What it was read from refers to it in turn, and five kilobytes an answer would wait for Python to look for cycles.
    answer.stream = httpx.ByteStream(b"")
    return Packed(answer, body)
