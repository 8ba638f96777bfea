"""The record that a demonstration site is opened with: what the console's form would itself accept."""

import re

import pytest
from django.forms.models import model_to_dict

from cluster.console.forms.record import RecordForm
from cluster.subsites.models import Subsite
from cluster.subsites.record import RECORD_FIELDS, check_record, describe_site
from sites.content.demo.opening import open_demo_site, record_of
from sites.content.demo.sources import CONSOLE, SiteLine, site_lines


def row_of(line: SiteLine) -> Subsite:
    """Give the site of a line with its record, as it would be opened; it is not saved."""
    site = Subsite(code=line.code, name=line.name, kind=line.kind, region_id=line.region, id_code=line.id_code)
    if line.code != CONSOLE:
        for name, value in record_of(site).items():
            setattr(site, name, value)
    return site


@pytest.mark.parametrize("cluster", ["demo", "province"])
def test_the_record_of_every_demonstration_site_passes_the_rules(cluster: str, alpha: Subsite) -> None:
    """Else the office could not change one field of it without mending others first."""
    Subsite.objects.update(id_code="")  # the sites of the tests bear numbers of the demonstration's
    sites = [row_of(line) for line in site_lines(cluster)]
    assert len(sites) == {"demo": 13, "province": 114}[cluster]
    for site in sites:
        record = model_to_dict(site, RECORD_FIELDS)
        assert check_record(site, record) == [], site.code
        form = RecordForm(record, instance=site)
        assert form.is_valid(), (site.code, form.errors)
        assert re.fullmatch(r"[0-9-]*", site.phone), "the footer makes a tel: link of it"


def test_the_office_saves_the_record_of_an_opened_site(alpha: Subsite) -> None:
    """One field is changed, the others go back as they came; a telephone number with a remark in it is refused."""
    site, _ = open_demo_site(SiteLine("gamma", "丙县人民政府", "county", "230183"))
    other, _ = open_demo_site(SiteLine("delta", "丁市人民政府", "city", "230300"))
    describe_site(site, model_to_dict(site, RECORD_FIELDS) | {"undertaker": "丙县政务信息中心"})
    site.refresh_from_db()
    other.refresh_from_db()
    assert (site.undertaker, site.phone) == ("丙县政务信息中心", "0451-00000000")
    assert other.undertaker != site.undertaker
    wrong = model_to_dict(site, RECORD_FIELDS) | {"phone": "0451-00000000（演示）"}
    assert [error.field for error in check_record(site, wrong)] == ["phone"]
