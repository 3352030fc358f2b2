"""Answers with their body unpacked, by ISA-L: it takes less than half of the time that zlib, and so httpx, takes for gzip."""

from __future__ import annotations

from contextlib import closing

import httpx
from isal import igzip, isal_zlib

_DAMAGED = (EOFError, OSError, isal_zlib.IsalError)


def unpacked(answer: httpx.Response) -> httpx.Response:
    """An answer that is being streamed, with all of its body, and closed.

    Raises what httpx raises when the rest of it does not come, and httpx.DecodingError when it cannot be unpacked. Whatever is
    packed in another way than gzip is left to httpx, and what somebody has read already is as it is.
    """
    if answer.is_stream_consumed:
        return answer
    with closing(answer):
        body = b"".join(answer.iter_raw())
    headers = answer.headers.copy()
    if headers.get("Content-Encoding") == "gzip" and body:
        del headers["Content-Encoding"]
        try:
            body = igzip.decompress(body)  # type: ignore[no-untyped-call]
        except _DAMAGED as error:  # type: ignore[misc]
            raise httpx.DecodingError(str(error), request=answer.request) from error
    return httpx.Response(answer.status_code, headers=headers, content=body, request=answer.request)
