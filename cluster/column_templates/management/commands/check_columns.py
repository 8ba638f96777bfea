"""Command check_columns: look at triggers and column structure of all sites, and put right what differs."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError

from cluster.column_templates.guarding import check_columns
from cluster.subsites.commanding import ClusterCommand


class Command(ClusterCommand):
    """Check, and with --repair mend."""

    help = "检查各站点的统一栏目和保护触发器是否完好；加 --repair 则同时修复。每晚由后台任务自动检查并修复。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --repair and --format."""
        parser.add_argument("--repair", action="store_true", help="修复发现的问题；不加只报告")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def work(self, **options: Any) -> None:
        """Report; exit code 1 where something is still wrong."""
        found = check_columns(repair=options["repair"])
        if options["format"] == "json":
            self.stdout.write(json.dumps([asdict(finding) for finding in found], ensure_ascii=False))
        else:
            for finding in found:
                self.stdout.write(str(finding))
        left = sum(not finding.repaired for finding in found)
        if left:
            raise CommandError(f"有 {left} 处需要处理" + ("。" if options["repair"] else "；加 --repair 可自动修复。"))
        if options["format"] == "text":
            self.stdout.write("栏目结构和触发器全部完好")
