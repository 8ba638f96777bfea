"""Command open_sites: open all sites of a CSV file, with progress, resumable."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from cluster.postgresql.renewal import Renewal
from cluster.subsites.commanding import ClusterCommand
from cluster.subsites.csv_orders import faults_of, open_row, read_rows
from cluster.subsites.errors import SiteError
from cluster.subsites.models import Subsite


class Command(ClusterCommand):
    """Open the sites of a file."""

    help = "按 CSV 批量开通站点；已开通的跳过，出错的行报告行号和改法，其余照常开通，可重复执行"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the file."""
        parser.add_argument(
            "file", type=Path, help="CSV 文件，列：code,name,kind,region,parent,id_code[,domain,organizer,state]"
        )

    def work(self, **options: Any) -> None:
        """Open what is not yet open; exit code 1 when a line is bad."""
        rows = read_rows(options["file"])
        present = set(Subsite.objects.values_list("code", flat=True))
        waiting = [row for row in rows if row.fields["code"] not in present]
        told = faults_of(waiting)
        errors = dict(told)
        if errors:
            # Before the first opening: whoever wants to put the file right first can stop here.
            self.stderr.write("以下各行有误，其余各行照常开通：\n" + "\n".join(errors.values()))
        renewal = Renewal()
        with self.progress("开通站点", len(waiting)) as advance:
            for row in waiting:
                renewal.next_site()
                if row.line not in errors:
                    try:
                        open_row(row)
                    except SiteError as error:
                        errors[row.line] = row.blame(error)
                advance(row.fields["code"])
        opened = len(waiting) - len(errors)
        self.stdout.write(f"新开通 {opened} 个，此前已开通 {len(rows) - len(waiting)} 个，未开通 {len(errors)} 个")
        if errors:
            raise CommandError(_closing(told, {line: error for line, error in errors.items() if line not in told}))


def _closing(told: dict[int, str], fresh: dict[int, str]) -> str:
    """Say which lines are left: those named at the beginning by number, those found since in full."""
    parts = []
    if told:
        parts.append(f"第{'、'.join(map(str, sorted(told)))}行未开通（原因见开头），改正后重新运行即可。")
    if fresh:
        parts.append("以下各行未开通，改正后重新运行即可：\n" + "\n".join(fresh[line] for line in sorted(fresh)))
    return "\n".join(parts)
