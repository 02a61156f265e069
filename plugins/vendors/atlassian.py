"""What Atlassian's products share: signing in, and the address of a next page."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, field_validator

from plugins.vendors.api import VendorApi
from plugins.vendors.config import VendorConfig, web_address

Edition = Literal["cloud", "datacenter"]


class AtlassianFields(BaseModel):
    """The fields of both products."""

    edition: Edition = Field("cloud", title="Edition", description="cloud, or datacenter for a server of your own.")
    username: str = Field(
        "",
        title="User name",
        description="Cloud: the mail address that the API token belongs to. Empty for a personal access token.",
    )

    @field_validator("url", check_fields=False)
    @classmethod
    def _plain(cls, url: str) -> str:
        return web_address(url)


def signed_in(product: str, url: str, username: str, config: VendorConfig) -> VendorApi:
    """Return a product's API for a user's token."""
    token = config.token.get_secret_value()
    told = f"Basic {base64.b64encode(f'{username}:{token}'.encode()).decode()}" if username else f"Bearer {token}"
    return VendorApi(product, url, config, {"Authorization": told, "Accept": "application/json"})


def results(api: VendorApi, path: str, parameters: Mapping[str, str | int]) -> Iterator[Any]:
    """Yield all results of a list whose answers name the next page in `_links`; raises as `VendorApi.json`."""
    found = api.json(path, parameters)
    while True:
        yield from found["results"]
        link = found.get("_links", {}).get("next")
        if not link:
            return
        context = urlsplit(api.base).path
        host = api.base.removesuffix(context)
        found = api.json(link if "://" in link else host + link if link.startswith(f"{context}/") else api.base + link)
