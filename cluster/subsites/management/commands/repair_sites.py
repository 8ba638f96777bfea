"""Command repair_sites: find and mend half-born or half-restored sites."""

from typing import Any

from django.core.management.base import CommandError
from django.db import connection

from cluster.subsites.commanding import ClusterCommand
from cluster.subsites.models import Subsite
from cluster.subsites.services import repair_site


class Command(ClusterCommand):
    """Repair every site that lacks something."""

    help = "检查并修复不完整的站点：缺数据模式、缺域名、缺触发器；报告缺少数据表的站点和没有站点记录的模式"

    def work(self, **options: Any) -> None:
        """Repair and report; exit code 1 when a schema belongs to nobody or a repair failed."""
        problems = []
        for site in Subsite.objects.order_by("id"):
            try:
                for line in repair_site(site):
                    self.stdout.write(f"{site.code}：{line}")
            except Exception as error:
                if not connection.is_usable():
                    connection.close()
                problems.append(f"{site.code} 修复失败：{error}")
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT nspname FROM pg_namespace WHERE nspname LIKE 'site!_%' ESCAPE '!'
                   AND nspname NOT IN (SELECT schema_name FROM subsites_subsite)"""
            )
            problems += [
                f"模式 {row[0]} 没有站点记录：确认不需要后由数据库管理员删除，或改名备查" for row in cursor.fetchall()
            ]
        if problems:
            raise CommandError("；".join(problems))
        self.stdout.write("全部站点完整")
