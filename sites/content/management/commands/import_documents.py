"""Command import_documents: bring documents of a JSON Lines file into one site, or into the sites of their regions."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from cluster.subsites.commanding import ClusterCommand
from cluster.subsites.queries import site_by_code
from sites.content.importing.errors import ImportRefused
from sites.content.importing.places import ByRegion, OneSite
from sites.content.importing.report import Report
from sites.content.importing.run import import_file


class Command(ClusterCommand):
    """Import documents."""

    help = (
        "导入文件（每行一个 JSON 对象，可用 gzip 压缩）：必填 id、title、body；按编号去重，未变化的跳过，变化的发布新版本，"
        "编辑撤下的不再发布；出错的记录写入报告，其余照常导入；中断后重新运行即可"
    )
    needs_reason = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the file, the place and the report."""
        parser.add_argument("file", type=Path, help="JSONL 文件（.jsonl 或 .jsonl.gz），UTF-8 编码")
        place = parser.add_mutually_exclusive_group(required=True)
        place.add_argument("--site", default="", help="站点代码：全部导入这个站点")
        place.add_argument(
            "--by-region",
            action="store_true",
            help="按文件的区域导入各地站点；没有站点的区域按编号的固定散列分到同级站点（全国和省：省门户，市：市，县：县）",
        )
        parser.add_argument("--column", required=True, help="栏目代码，如 flfg")
        parser.add_argument("--report", type=Path, default=None, help="报告文件，默认在 $VAR/import-reports/ 下")
        parser.add_argument("--restore-deleted", action="store_true", help="编辑删除过的文章也重新发布")

    def work(self, **options: Any) -> None:
        """Import, print the figures; exit code 1 when a record was rejected."""
        source: Path = options["file"]
        report = Report(options["report"] or _default_report(source))
        if report.path.resolve() == source.resolve():
            raise CommandError("报告不能写到被导入的文件上，请用 --report 指定另一个文件。")
        site, column = options["site"], options["column"]
        places = OneSite(site_by_code(site), column) if site else ByRegion(column)
        try:
            with self.progress("导入", 100) as advance:
                shown = 0

                def progress(percent: int, count: int) -> None:
                    nonlocal shown
                    advance(f"{count} 条", max(0, percent - shown))
                    shown = max(shown, percent)

                import_file(source, places, column, report, restore=options["restore_deleted"], progress=progress)
        except ImportRefused as error:
            raise CommandError(f"{error}\n{_closing(report)}") from error
        except (OperationalError, InterfaceError) as error:
            cause = str(error).strip().splitlines()[:1]
            raise CommandError(
                f"数据库连接中断（{''.join(cause)}）。已提交的批次都在，恢复后重新运行即可接着导入。"
            ) from error
        except KeyboardInterrupt as error:
            raise CommandError(f"已中断。已提交的批次都在，重新运行即可接着导入。\n{_closing(report)}") from error
        finally:
            report.close()
        self.stdout.write(_closing(report))
        if report.tally.rejected:
            count = report.tally.rejected
            raise CommandError(
                f"有 {count} 条记录没有导入，行号、字段、原因和改法见 {report.path}；改正后重新运行即可。"
            )


def _closing(report: Report) -> str:
    return report.tally.sentence() + (f"；报告：{report.path}" if report.entries else "")


def _default_report(source: Path) -> Path:
    stem = source.name.removesuffix(".gz").removesuffix(".jsonl") or "import"
    return Path(settings.VAR_DIR) / "import-reports" / f"{stem}-{timezone.localtime():%Y%m%d-%H%M%S}.jsonl"
