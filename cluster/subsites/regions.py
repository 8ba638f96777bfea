"""Load administrative divisions from CSV (code,name,level,parent). Called by migrate_cluster and load_regions."""

import csv
from pathlib import Path

from cluster.subsites.models import Region

# The divisions the product carries: GB/T 2260 codes of the province, as published in 2022.
CARRIED = Path(__file__).parent / "data" / "divisions-23.csv"
LEVELS = {"province": "province", "prefecture": "city", "city": "city", "county": "county"}


def load_regions(path: Path = CARRIED) -> int:
    """Insert the divisions that are missing; return how many. Existing rows are left as the office keeps them."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    known = set(Region.objects.values_list("code", flat=True))
    fresh = [row for row in rows if row["code"] not in known]
    if not fresh:
        return 0
    Region.objects.bulk_create(
        [
            Region(code=row["code"], name=row["name"], level=LEVELS[row["level"]], parent_id=row.get("parent") or None)
            for row in fresh
        ]
    )
    return len(fresh)
