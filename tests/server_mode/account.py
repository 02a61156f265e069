"""The end of the soak: every document is there once, in its last version, for those who may read it and nobody else."""

from __future__ import annotations

import time
from collections.abc import Mapping

import httpx

from assistant.app import build
from assistant.settings import load_settings
from assistant.types import LOCAL_OPERATOR
from tests.server_mode.crowd import SOURCE
from tests.server_mode.house import ServerHouse
from tests.server_mode.ledger import Policy
from tests.server_mode.papers import Shelf
from tests.server_mode.records import Records

SETTLE_SECONDS = 300.0


def settle(url: str, tokens: Mapping[str, str], shelf: Shelf, policy: Policy, records: Records) -> float:
    """Wait until everybody is shown what they are to be shown, and record what is not so after `SETTLE_SECONDS`.

    Returns:
        how many seconds it took.
    """
    begin = time.monotonic()
    wrong = _differences(url, tokens, shelf, policy)
    while any(wrong) and time.monotonic() < begin + SETTLE_SECONDS:
        time.sleep(1.0)
        wrong = _differences(url, tokens, shelf, policy)
    records.lost += wrong[0]
    records.wrong_rights += wrong[1]
    return time.monotonic() - begin


def _differences(url: str, tokens: Mapping[str, str], shelf: Shelf, policy: Policy) -> tuple[list[str], list[str]]:
    """Return what people lack, and what they are shown and should not be."""
    lost, wrong = [], []
    there = {paper.key: paper for paper in shelf.there()}
    for person, token in tokens.items():
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False) as client:
            listed = client.get("/api/documents", params={"source": SOURCE, "limit": 10_000}).raise_for_status()
            shown = {one["key"] for one in listed.json()["documents"]}
            due = {key for key in there if policy.may(person, key)}
            lost += [f"{key}: {person} does not find it at the end" for key in sorted(due - shown)]
            for key in sorted(shown - due):
                gone = key not in there and policy.may(person, key)
                (lost if gone else wrong).append(f"{key}: {person} is shown it at the end")
            for key in sorted(due & shown) if not lost else ():
                text = client.get("/api/documents/text", params={"source": SOURCE, "key": key}).json().get("text")
                if text != there[key].text():
                    lost.append(f"{key}: {person} finds another version at the end")
    return lost, wrong


def compare_stores(house: ServerHouse, shelf: Shelf) -> list[str]:
    """Return what is wrong in catalog and index, when nothing runs any more but Postgres."""
    wrong = []
    settings = load_settings(home=house.home, catalog_url=house.postgres.url)
    with build(settings) as app:
        listed = [info.ref.key for info in app.library.documents(LOCAL_OPERATOR)]
        there = {paper.key: paper for paper in shelf.there()}
        wrong += [f"{key}: it is {listed.count(key)} times in the catalog" for key in there if listed.count(key) != 1]
        wrong += [f"{key}: it is in the catalog, and was deleted" for key in listed if key not in there]
        for key in sorted(there.keys() & set(listed)):
            if app.library.read(SOURCE, key, LOCAL_OPERATOR).text != there[key].text():
                wrong.append(f"{key}: another version is in the catalog")
        versions, current = app.index.versions(), app.catalog.documents.current_versions()
        if versions != {document: {version} for document, version in current.items()}:
            wrong.append("the index holds other versions than the catalog")
        left = app.catalog.jobs.count("queued") + app.catalog.jobs.count("running")
        if left:
            wrong.append(f"{left} jobs are left")
    return wrong
