"""The organisations of `orgs.yaml`, read where they are needed."""

from __future__ import annotations

from collections.abc import Sequence

from xero_pipeline.domain.errors import Permanent
from xero_pipeline.domain.org import Org, parse_orgs
from xero_pipeline.settings import Settings


def load_orgs(settings: Settings) -> tuple[Org, ...]:
    """Every organisation that is configured. Raises Permanent when the file is missing or cannot be used."""
    path = settings.orgs_file
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise Permanent(
            f"{path} cannot be read: {reason}.",
            next_step="Set XERO_PIPELINE_ORGS to the file that names your organisations.",
        ) from error
    return parse_orgs(text, str(path))


def org_named(orgs: Sequence[Org], alias: str) -> Org:
    """The organisation of an alias. Raises Permanent naming those there are."""
    for org in orgs:
        if org.alias == alias:
            return org
    raise Permanent(
        f"There is no organisation {alias!r}.", next_step=f"Use one of: {', '.join(o.alias for o in orgs)}."
    )
