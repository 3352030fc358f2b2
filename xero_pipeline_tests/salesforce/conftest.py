from __future__ import annotations

import pytest

from xero_pipeline_tests.salesforce.fake_org import FakeOrg


@pytest.fixture
def org() -> FakeOrg:
    return FakeOrg()
