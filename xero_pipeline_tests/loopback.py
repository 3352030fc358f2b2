"""How tests reach the servers of this machine, which speak plain HTTP.

httpx reads the certificates of the world for every client, and for every request without one, which takes longer than all that
a test asks of the server.
"""

from __future__ import annotations

import ssl
from functools import partial

import httpx

# Nobody is trusted, so whatever would speak https fails.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

request = partial(httpx.request, verify=NO_CERTIFICATES, trust_env=False)
get, post = partial(request, "GET"), partial(request, "POST")
