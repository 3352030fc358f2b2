"""A Salesforce on this machine: sign-in, REST and Bulk 2.0, over real HTTP, with the metadata package as its schema.

`routes(org, clock)` is everything `sandbox/app.py` mounts; `Org` holds the state. Facts are those of
reference/salesforce.md; where it marks one as unverified, the code says so at the place.
"""

from __future__ import annotations

from starlette.routing import BaseRoute

from xero_pipeline.sandbox.salesforce.bulk.ingest_routes import ingest_routes
from xero_pipeline.sandbox.salesforce.bulk.query_routes import query_job_routes
from xero_pipeline.sandbox.salesforce.composite import composite_routes
from xero_pipeline.sandbox.salesforce.control import control_routes
from xero_pipeline.sandbox.salesforce.control_rules import rule_routes
from xero_pipeline.sandbox.salesforce.describe import describe_routes, unknown_routes
from xero_pipeline.sandbox.salesforce.oauth import oauth_routes
from xero_pipeline.sandbox.salesforce.org import Org
from xero_pipeline.sandbox.salesforce.queries import query_routes
from xero_pipeline.sandbox.salesforce.records import record_routes
from xero_pipeline.sandbox.salesforce.replication import replication_routes
from xero_pipeline.sandbox.salesforce.sobject_collections import collection_routes
from xero_pipeline.sandbox.salesforce.web import Api, Clock

__all__ = ["Clock", "Org", "routes"]


def routes(org: Org, clock: Clock) -> list[BaseRoute]:
    """Every route of `org`: sign-in, data API, control. Order matters: named resources before `{Object}/{Id}`."""
    api = Api(org, clock)
    return [
        *control_routes(api),
        *rule_routes(api),
        *oauth_routes(api),
        *describe_routes(api),
        *query_routes(api),
        *replication_routes(api),
        *composite_routes(api),
        *collection_routes(api),
        *ingest_routes(api),
        *query_job_routes(api),
        *record_routes(api),
        *unknown_routes(api),
    ]
