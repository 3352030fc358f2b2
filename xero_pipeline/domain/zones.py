"""Xero names time zones as Windows does, without spaces; PostgreSQL and Python know IANA names."""

from __future__ import annotations

# Organisation.Timezone (xero_accounting.yaml, schema TimeZone) -> IANA, for the countries Xero sells in and their neighbours.
_IANA = {
    "NEWZEALANDSTANDARDTIME": "Pacific/Auckland",
    "FIJISTANDARDTIME": "Pacific/Fiji",
    "TONGASTANDARDTIME": "Pacific/Tongatapu",
    "SAMOASTANDARDTIME": "Pacific/Apia",
    "AUSEASTERNSTANDARDTIME": "Australia/Sydney",
    "EAUSTRALIASTANDARDTIME": "Australia/Brisbane",
    "TASMANIASTANDARDTIME": "Australia/Hobart",
    "CENAUSTRALIASTANDARDTIME": "Australia/Adelaide",
    "AUSCENTRALSTANDARDTIME": "Australia/Darwin",
    "WAUSTRALIASTANDARDTIME": "Australia/Perth",
    "SINGAPORESTANDARDTIME": "Asia/Singapore",
    "CHINASTANDARDTIME": "Asia/Shanghai",
    "TOKYOSTANDARDTIME": "Asia/Tokyo",
    "INDIASTANDARDTIME": "Asia/Kolkata",
    "ARABIANSTANDARDTIME": "Asia/Dubai",
    "SOUTHAFRICASTANDARDTIME": "Africa/Johannesburg",
    "GMTSTANDARDTIME": "Europe/London",
    "GREENWICHSTANDARDTIME": "Atlantic/Reykjavik",
    "WEUROPESTANDARDTIME": "Europe/Berlin",
    "ROMANCESTANDARDTIME": "Europe/Paris",
    "CENTRALEUROPESTANDARDTIME": "Europe/Budapest",
    "CENTRALEUROPEANSTANDARDTIME": "Europe/Warsaw",
    "FLESTANDARDTIME": "Europe/Kyiv",
    "EASTERNSTANDARDTIME": "America/New_York",
    "CENTRALSTANDARDTIME": "America/Chicago",
    "MOUNTAINSTANDARDTIME": "America/Denver",
    "USMOUNTAINSTANDARDTIME": "America/Phoenix",
    "PACIFICSTANDARDTIME": "America/Los_Angeles",
    "ALASKANSTANDARDTIME": "America/Anchorage",
    "HAWAIIANSTANDARDTIME": "Pacific/Honolulu",
    "ATLANTICSTANDARDTIME": "America/Halifax",
    "NEWFOUNDLANDSTANDARDTIME": "America/St_Johns",
    "UTC": "UTC",
}


def iana_of(xero_time_zone: str | None, otherwise: str) -> str:
    """The IANA zone of a Xero organisation's Timezone; `otherwise`, the zone of `orgs.yaml`, where Xero's is unknown here."""
    return _IANA.get((xero_time_zone or "").upper().replace(" ", "").replace(".", ""), otherwise)
