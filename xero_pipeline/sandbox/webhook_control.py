"""The part of the control API that says where Xero's webhooks go.

| request | does |
| --- | --- |
| `GET /sandbox/webhooks` | the subscription, how many events wait, the last posts and what came back |
| `POST /sandbox/webhooks` `{"url": …, "key": …, "categories": […]}` | sends events there once it proves its intent to receive; without a key it makes one, without categories it sends all |
| `DELETE /sandbox/webhooks` | sends nothing any more |

Categories are CONTACT, INVOICE, CREDITNOTE, PREPAYMENT and OVERPAYMENT.
"""  # noqa: E501  (a table's row is one line)

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from xero_pipeline.sandbox.world import World


def webhook_routes(world: World) -> list[BaseRoute]:
    """`/sandbox/webhooks` of one sandbox."""

    async def show(request: Request) -> Response:
        return JSONResponse(world.webhooks.shown())

    async def subscribe(request: Request) -> Response:
        try:
            given = json.loads(await request.body())
            url, categories = given["url"], given.get("categories", [])
            if (
                not isinstance(url, str)
                or not url.startswith(("http://", "https://"))
                or not isinstance(categories, list)
            ):
                raise ValueError("'url' is an address and 'categories' a list.")
            books = [tenant.book for tenant in world.tenants]
            world.webhooks.subscribe(books, url, str(given.get("key", "")), map(str, categories))
        except KeyError:
            return JSONResponse({"error": "'url' is needed."}, 400)
        except (AttributeError, TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(world.webhooks.shown())

    async def unsubscribe(request: Request) -> Response:
        world.webhooks.unsubscribe()
        return JSONResponse(world.webhooks.shown())

    path = "/sandbox/webhooks"
    return [
        Route(path, show, methods=["GET"]),
        Route(path, subscribe, methods=["POST"]),
        Route(path, unsubscribe, methods=["DELETE"]),
    ]
