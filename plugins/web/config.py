"""What an admin says of a web site."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from plugins.web.addresses import clean


class WebConfig(BaseModel):
    """Where a crawl begins, how far it goes, and how fast."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    start: tuple[str, ...] = Field(
        min_length=1, title="Start pages", description="Addresses (http or https) where the crawl begins."
    )
    within: tuple[str, ...] = Field(
        (),
        title="Stay within",
        description="Only addresses that begin with one of these are taken; empty: what is beside and below the start"
        " pages.",
    )
    exclude: tuple[str, ...] = Field(
        (), title="Leave out", description="Addresses that begin with one of these are not asked for."
    )
    use_sitemaps: bool = Field(
        default=True, title="Use sitemaps", description="Take the sitemaps that robots.txt names, or /sitemap.xml."
    )
    trust_sitemap_dates: bool = Field(
        default=False,
        title="Trust the sitemaps' dates",
        description="Do not ask for a page whose date in the sitemap is the one of the last sync.",
    )
    obey_robots: bool = Field(
        default=True, title="Obey robots.txt", description="Switch off only for a site of your own."
    )
    max_pages: int = Field(
        10_000, ge=1, title="Most pages", description="A site with more fails as a whole: nothing is left out unsaid."
    )
    max_bytes: int = Field(20_000_000, ge=1, title="Largest page", description="Bytes; a larger one is a failure.")
    delay_seconds: float = Field(
        0.5,
        ge=0,
        le=60,
        title="Seconds between requests",
        description="To one host; robots.txt may ask for more (Crawl-delay), up to 60.",
    )
    timeout_seconds: float = Field(
        30.0, gt=0, le=600, title="Seconds to wait", description="For a server that says nothing."
    )
    private_hosts: tuple[str, ...] = Field(
        (),
        title="Hosts in a private network",
        description="Names that may have private addresses; others are refused there. *.example.org: all below.",
    )
    headers: dict[str, SecretStr] = Field(
        default_factory=dict,
        title="Headers",
        description="Sent to the hosts of the start pages only, e.g. Authorization or Cookie.",
    )

    @field_validator("start", "within", "exclude")
    @classmethod
    def _addresses(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_checked(address) for address in addresses)


def _checked(address: str) -> str:
    cleaned = clean(address)
    if cleaned is None:
        raise ValueError(f"{address!r} is not an http or https address")
    return cleaned
