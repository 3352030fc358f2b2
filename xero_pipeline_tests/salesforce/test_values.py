from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.salesforce.values import (
    decode,
    encode,
    instant_text,
    to_boolean,
    to_date,
    to_decimal,
    to_instant,
    to_integer,
    to_text,
    wire_record,
)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_an_amount_survives_the_wire_digit_for_digit(amount: Decimal) -> None:
    sent = encode(wire_record({"Total__c": amount}))
    back = json.loads(sent, parse_float=Decimal, parse_int=Decimal)["Total__c"]
    assert (back, back.as_tuple().digits) == (amount, amount.as_tuple().digits)


def test_an_amount_is_sent_as_a_number_and_not_as_text() -> None:
    assert encode(wire_record({"Total__c": Decimal("1234567890123456.10")})) == b'{"Total__c":1234567890123456.10}'


def test_a_fraction_is_read_as_a_decimal_and_never_as_a_float() -> None:
    assert decode(b'{"Amount":0.1,"Quantity":3}') == {"Amount": Decimal("0.1"), "Quantity": 3}


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), datetime(2026, 11, 22, 5)])
def test_a_value_without_an_exact_meaning_is_refused(value: Decimal | datetime) -> None:
    with pytest.raises(ValueError):
        wire_record({"Field__c": value})


@pytest.mark.parametrize("value", [0.1, ["a"], b"a"])
def test_a_float_and_what_has_no_form_in_salesforce_are_refused(value: object) -> None:
    with pytest.raises(TypeError):
        wire_record({"Total__c": value})


def test_dates_instants_and_nothing_take_salesforces_form() -> None:
    record = {
        "Date__c": date(2026, 11, 22),
        "At__c": datetime(2026, 11, 22, 18, tzinfo=timezone(timedelta(hours=13))),
        "Gone__c": None,
    }
    assert wire_record(record) == {"Date__c": "2026-11-22", "At__c": "2026-11-22T05:00:00.000Z", "Gone__c": None}


def test_a_parent_named_by_external_id_is_sent_nested() -> None:
    assert wire_record({"Invoice__r": {"Xero_Id__c": "a"}}) == {"Invoice__r": {"Xero_Id__c": "a"}}


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_survives_to_the_millisecond(moment: datetime) -> None:
    assert to_instant(instant_text(moment)) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def test_salesforces_own_instants_are_read_as_utc() -> None:
    assert to_instant("2026-11-22T05:00:00.000+0000") == datetime(2026, 11, 22, 5, tzinfo=UTC)


def test_values_become_what_the_columns_hold() -> None:
    assert (to_decimal(3), to_integer(Decimal("2.0")), to_boolean(False), to_date("2026-02-28"), to_text("a\x00b")) == (
        Decimal(3),
        2,
        False,
        date(2026, 2, 28),
        "ab",
    )


@pytest.mark.parametrize(
    ("convert", "value"),
    [
        (to_decimal, "1"),
        (to_decimal, True),
        (to_integer, Decimal("1.5")),
        (to_boolean, "true"),
        (to_date, "soon"),
        (to_text, 1),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(convert: object, value: object) -> None:
    with pytest.raises(ValueError):
        convert(value)  # type: ignore[operator]


@pytest.mark.parametrize("body", [b'{"records":[', b"<html>", b"\xff"])
def test_a_body_that_is_not_whole_json_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        decode(body)
