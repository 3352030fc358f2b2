from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.domain.errors import BadRecord, Permanent
from xero_pipeline.salesforce.faults import CursorExpired
from xero_pipeline.salesforce.objects import OBJECTS
from xero_pipeline.salesforce.reader import plan, rows
from xero_pipeline_tests.salesforce.fake_org import FakeOrg, error, fields_of, page

WATERMARK = datetime(2026, 11, 22, 5, tzinfo=UTC)
STAMP = "2026-11-22T05:00:00.000+0000"


def _account(number: int, stamp: str = STAMP, **fields: object) -> dict[str, object]:
    return {
        **dict.fromkeys(fields_of("accounts")),
        "Id": f"001{number:015}",
        "IsDeleted": False,
        "SystemModstamp": stamp,
        **fields,
    }


def _ids(org: FakeOrg) -> list[object]:
    return [row[0] for row in rows(org.client(), "accounts", None)]


def _lose(org: FakeOrg, object_name: str, *fields: str) -> None:
    org.objects[object_name] = [field for field in org.objects[object_name] if field["name"] not in fields]


def test_everything_is_read_without_a_lower_bound(org: FakeOrg) -> None:
    org.will(page([]))
    assert list(rows(org.client(), "users", None)) == []
    (query,) = org.queries
    fields = "Id, Username, Name, Email, IsActive, UserType, TimeZoneSidKey, SystemModstamp"
    assert query == f"SELECT {fields} FROM User ORDER BY SystemModstamp, Id"


def test_a_delta_begins_ten_minutes_before_the_watermark(org: FakeOrg) -> None:
    org.will(page([]))
    list(rows(org.client(), "users", WATERMARK))
    assert " WHERE SystemModstamp >= 2026-11-22T04:50:00.000Z ORDER BY SystemModstamp, Id" in org.queries[0]


def test_deleted_records_are_read_too(org: FakeOrg) -> None:
    org.will(page([_account(1, IsDeleted=True, MasterRecordId="0012")]))
    columns = [column.name for column in OBJECTS["accounts"].columns]
    (row,) = rows(org.client(), "accounts", None)
    assert org.asked[0].url.path.endswith("/queryAll")
    assert (row[columns.index("is_deleted")], row[columns.index("master_record_id")]) == (True, "0012")


def test_a_record_becomes_a_row_in_the_order_of_the_columns(org: FakeOrg) -> None:
    record = {
        **dict.fromkeys(fields_of("opportunities")),
        "Id": "006000000000001AAA",
        "Name": "Big deal",
        "CloseDate": "2026-12-31",
        "Amount": Decimal("1200.10"),
        "IsClosed": False,
        "IsDeleted": False,
        "SystemModstamp": STAMP,
    }
    org.will(page([{**record, "Amount": 1200}]))
    (row,) = rows(org.client(), "opportunities", None)
    named = dict(zip((column.name for column in OBJECTS["opportunities"].columns), row, strict=True))
    assert (named["opportunity_id"], named["name"], named["close_date"]) == (
        "006000000000001AAA",
        "Big deal",
        date(2026, 12, 31),
    )
    assert (named["amount"], named["is_closed"], named["system_modstamp"]) == (Decimal(1200), False, WATERMARK)
    assert named["currency_iso_code"] is None


def test_a_parents_field_is_read_through_the_relationship(org: FakeOrg) -> None:
    line = {
        **dict.fromkeys(fields_of("order_lines")),
        "Id": "802",
        "OrderId": "801",
        "IsDeleted": False,
        "SystemModstamp": STAMP,
    }
    org.will(page([{**line, "Product2": {"ProductCode": "GC1040"}}, {**line, "Id": "803", "Product2": None}]))
    at = [column.name for column in OBJECTS["order_lines"].columns].index("product_code")
    assert [row[at] for row in rows(org.client(), "order_lines", None)] == ["GC1040", None]
    assert "Product2.ProductCode" in org.queries[0]


def test_features_that_are_off_are_not_asked_for(org: FakeOrg) -> None:
    _lose(org, "Account", "CurrencyIsoCode", "IsPersonAccount", "PersonEmail")
    org.will(page([_account(1)]))
    columns = [column.name for column in OBJECTS["accounts"].columns]
    (row,) = rows(org.client(), "accounts", None)
    assert not any(name in org.queries[0] for name in ("CurrencyIsoCode", "IsPersonAccount", "PersonEmail"))
    assert (row[columns.index("is_person_account")], row[columns.index("currency_iso_code")]) == (False, None)
    planned = plan(org.client(), "accounts")
    assert planned is not None
    assert planned.hidden == ()


def test_a_standard_field_that_the_user_may_not_see_is_told_and_left_null(org: FakeOrg) -> None:
    _lose(org, "Account", "AccountNumber", "Phone")
    planned = plan(org.client(), "accounts")
    assert planned is not None
    assert planned.hidden == ("AccountNumber", "Phone")
    assert "AccountNumber" not in planned.fields


def test_a_missing_field_of_the_package_says_to_deploy_it(org: FakeOrg) -> None:
    _lose(org, "Account", "Xero_Contact_Id__c", "Xero_Total_Due__c")
    with pytest.raises(
        Permanent, match=r"no Xero_Contact_Id__c, Xero_Total_Due__c.*Deploy xero_pipeline/salesforce/package"
    ):
        list(rows(org.client(), "accounts", None))
    assert org.asked == []


def test_an_indispensable_field_that_is_missing_stops_the_read(org: FakeOrg) -> None:
    _lose(org, "Account", "SystemModstamp")
    with pytest.raises(Permanent, match="may not see SystemModstamp of Account"):
        list(rows(org.client(), "accounts", None))


def test_an_org_without_orders_has_none(org: FakeOrg) -> None:
    del org.objects["Order"]
    assert plan(org.client(), "orders") is None
    assert list(rows(org.client(), "orders", None)) == []


def test_an_org_without_accounts_is_no_org_we_know(org: FakeOrg) -> None:
    del org.objects["Account"]
    with pytest.raises(Permanent, match="no object Account"):
        list(rows(org.client(), "accounts", None))


def test_a_record_that_cannot_be_read_is_set_aside_and_its_neighbours_go_on(org: FakeOrg) -> None:
    org.will(page([_account(1), _account(2, SystemModstamp=None), _account(3, Xero_Total_Due__c="much"), _account(4)]))
    aside: list[BadRecord] = []
    read = [row[0] for row in rows(org.client(), "accounts", None, set_aside=aside.append)]
    assert read == [_account(1)["Id"], _account(4)["Id"]]
    assert [bad.record_id for bad in aside] == [_account(2)["Id"], _account(3)["Id"]]
    assert "Xero_Total_Due__c" in aside[1].message


def test_a_record_that_cannot_be_read_is_never_dropped_in_silence(org: FakeOrg) -> None:
    org.will(page([_account(1, IsDeleted="maybe")]))
    with pytest.raises(BadRecord):
        list(rows(org.client(), "accounts", None))


EXPIRED = ("INVALID_QUERY_LOCATOR", "invalid query locator")


def test_an_expired_cursor_goes_on_from_the_last_record_without_reading_any_twice(org: FakeOrg) -> None:
    later = "2026-11-22T05:00:01.000+0000"
    org.will(
        page([_account(1), _account(2, later), _account(3, later)], 5, "01g1-3"),
        error(400, *EXPIRED),
        page([_account(2, later), _account(3, later), _account(4, later), _account(5, "2026-11-22T05:00:02.000+0000")]),
    )
    assert _ids(org) == [_account(number)["Id"] for number in range(1, 6)]
    assert " WHERE SystemModstamp >= 2026-11-22T05:00:01.000Z " in org.queries[1]


def test_a_cursor_that_always_expires_is_given_up_after_a_while(org: FakeOrg) -> None:
    org.will(*[error(400, *EXPIRED) for _ in range(6)])
    with pytest.raises(CursorExpired):
        _ids(org)
    assert len(org.asked) == 6


# A reading that gets nowhere is given up after five restarts, so no more cursors than that expire here.
@given(st.lists(st.integers(0, 3), max_size=12).map(sorted), st.integers(1, 4), st.sets(st.integers(0, 30), max_size=5))
def test_wherever_cursors_expire_every_record_is_read_once_in_order(
    seconds: list[int], page_size: int, expiring: set[int]
) -> None:
    """The org holds records with equal stamps and answers any query with pages; chosen requests find their cursor gone."""
    org = FakeOrg()
    start = datetime(2026, 11, 22, tzinfo=UTC)
    stamped = [(start + timedelta(seconds=second), number) for number, second in enumerate(seconds)]
    stock = [_account(number, f"{stamp:%Y-%m-%dT%H:%M:%S}.000+0000") for stamp, number in stamped]
    open_cursors: dict[str, list[dict[str, object]]] = {}
    served = 0

    def serve(request: object) -> object:
        nonlocal served
        served += 1
        path = request.url.path  # type: ignore[attr-defined]
        if path.endswith("queryAll"):
            bound = org.queries[-1].partition("SystemModstamp >= ")[2].partition(" ")[0]
            since = datetime.fromisoformat(bound) if bound else start
            left = [record for record, (stamp, _) in zip(stock, stamped, strict=True) if stamp >= since]
        else:
            if served in expiring and served % 2:
                return error(400, *EXPIRED)
            left = open_cursors[path.rsplit("/", 1)[1]]
        now, rest = left[:page_size], left[page_size:]
        if not rest:
            return page(now, 1000)
        open_cursors[f"c{served}"] = rest
        return page(now, 1000, f"c{served}")

    org.will(*[serve] * 100)  # type: ignore[list-item]
    assert _ids(org) == [record["Id"] for record in stock]
