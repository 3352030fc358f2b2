"""The posting of webhooks, in a thread of its own: the intent to receive first, then every delivery that is due.

The receiver has five seconds and must answer 200 with an empty body and no cookie, or 401 to a signature that is wrong; anything
else is a failure (xero.md section 6).
"""

from __future__ import annotations

import secrets
import threading

import httpx

from xero_pipeline.sandbox.clock import Clock
from xero_pipeline.sandbox.xero.webhooks import Json, Status, Subscription, Webhooks, payload, signature

ANSWER_WITHIN = 5.0
LOOK_EVERY = 0.05  # real seconds between looks at the sandbox's clock and at what waits
# Whether each post of the intent to receive is signed with the true key; one integrator saw three false and one true.
INTENT = (False, True, False, False)


class WebhookSender:
    """Posts for one sandbox from `start` to `stop`."""

    def __init__(self, webhooks: Webhooks, clock: Clock) -> None:
        self.webhooks = webhooks
        self.clock = clock
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        """Begins to look for what is due."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the post under way, if any."""
        self._stopped.set()
        self._thread.join(ANSWER_WITHIN + 1)

    def _run(self) -> None:
        # Few sandboxes are asked for webhooks; the others are spared the client.
        while self.webhooks.subscription is None:
            if self._stopped.wait(LOOK_EVERY):
                return
        with httpx.Client(timeout=ANSWER_WITHIN, trust_env=False) as client:
            while not self._stopped.is_set():
                subscription = self.webhooks.subscription
                if subscription is not None:
                    self._look(client, subscription)
                self._stopped.wait(LOOK_EVERY)

    def _look(self, client: httpx.Client, subscription: Subscription) -> None:
        if subscription.status is Status.PENDING:
            self._prove(client, subscription)
        while not self._stopped.is_set() and (delivery := self.webhooks.due(self.clock.now())) is not None:
            outcome = _post(client, subscription, delivery.events, delivery.first, delivery.last, subscription.key)
            self.webhooks.delivered(delivery, outcome, self.clock.now(), accepted=outcome == "200")

    def _prove(self, client: httpx.Client, subscription: Subscription) -> None:
        for true in INTENT:
            key = subscription.key if true else secrets.token_urlsafe(32)
            outcome, expected = _post(client, subscription, [], 0, 0, key), "200" if true else "401"
            if outcome != expected:
                told = f"intent to receive: {outcome} to a {'right' if true else 'wrong'} signature"
                self.webhooks.proven(subscription, told, self.clock.now(), accepted=False)
                return
        self.webhooks.proven(subscription, "intent to receive", self.clock.now(), accepted=True)


def _post(client: httpx.Client, subscription: Subscription, events: list[Json], first: int, last: int, key: str) -> str:
    """Posts once; the status as text, or what was wrong with the answer."""
    body = payload(events, first, last)
    headers = {"content-type": "application/json; charset=utf-8", "x-xero-signature": signature(body, key)}
    try:
        response = client.post(subscription.url, content=body, headers=headers)
    except httpx.TimeoutException:
        return "no answer in five seconds"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return type(error).__name__
    finally:
        client.cookies.clear()
    if response.status_code == 200 and response.content:
        return "200 with a body"
    if response.status_code == 200 and "set-cookie" in response.headers:
        return "200 with a cookie"
    return str(response.status_code)
