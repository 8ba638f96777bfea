"""The sites as search needs them: which are public now, what they are called, where they are. Called by queries.

Two short queries at every search and no cache: a site closed this moment is not found any more.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import F

from cluster.subsites.models import Domain, Region, SiteKind
from cluster.subsites.queries import public_sites


@dataclass(frozen=True, slots=True)
class SiteCard:
    """One public site."""

    code: str
    name: str
    kind: str
    region: str
    host: str

    @property
    def root_url(self) -> str:
        """Scheme, host and port, as Subsite.root_url writes them."""
        standard = {"http": 80, "https": 443}[settings.SITE_SCHEME]
        port = "" if standard == settings.SITE_PORT else f":{settings.SITE_PORT}"
        return f"{settings.SITE_SCHEME}://{self.host}{port}"


@dataclass(frozen=True)
class Directory:
    """All public sites by code, and the divisions they stand in."""

    cards: dict[str, SiteCard]
    regions: dict[str, tuple[str, str]]

    def within(self, region: str) -> frozenset[str]:
        """Return the codes of the sites of a division and of those below it."""
        return frozenset(card.code for card in self.cards.values() if region in self.chain(card.region))

    def chain(self, region: str) -> list[str]:
        """Return a division and those above it."""
        chain = []
        while region and region in self.regions and region not in chain:
            chain.append(region)
            region = self.regions[region][1]
        return chain

    def of_kind(self, kind: str) -> frozenset[str]:
        """Return the codes of the sites of a kind."""
        return frozenset(card.code for card in self.cards.values() if card.kind == kind)


def read_directory() -> Directory:
    """Return the directory as it is now."""
    hosts: dict[int, str] = {}
    for tenant, host in Domain.objects.order_by("is_primary", F("id").desc()).values_list("tenant_id", "domain"):
        hosts[tenant] = host  # the primary one comes last and stays
    rows = public_sites().values_list("pk", "code", "name", "short_name", "kind", "region_id")
    cards = {
        code: SiteCard(
            code, short_name or name, kind, region or "", hosts.get(pk, f"{code}.{settings.SITE_HOST_SUFFIX}")
        )
        for pk, code, name, short_name, kind, region in rows
    }
    regions = {
        code: (name, parent or "") for code, name, parent in Region.objects.values_list("code", "name", "parent_id")
    }
    return Directory(cards, regions)


def kind_label(kind: str) -> str:
    """Return a kind's Chinese name."""
    return str(SiteKind(kind).label)
