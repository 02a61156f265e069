"""What a checker of SCIM servers that others wrote finds, over HTTP."""

from __future__ import annotations

import httpx2
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

from tests.api.scim.conftest import Served


def test_the_checker_finds_nothing(served: Served) -> None:
    headers = {"Authorization": f"Bearer {served.token}"}
    with httpx2.Client(base_url=f"{served.url}/scim/v2", headers=headers, timeout=120) as client:
        results = check_server(SyncSCIMClient(client))
    wrong = [f"{one.title} {one.resource_type}: {one.reason}" for one in results if one.status not in _GOOD]
    assert not wrong, "\n".join(wrong)
    assert len(results) > 60


_GOOD = {Status.SUCCESS, Status.SKIPPED}
