"""Command column_templates: hands over to the module of cluster.column_templates.subcommands that bears the subcommand's name."""

import pkgutil
from argparse import SUPPRESS, ArgumentParser
from importlib import import_module
from typing import Any

from django.core.management.base import CommandError

from cluster.column_templates import subcommands
from cluster.column_templates.reading import BrokenTemplates
from cluster.subsites.commanding import ClusterCommand

# As the office works: look, write, compare, foresee, do.
ORDER = ("show", "load", "diff", "plan", "apply")
NAMES = sorted(
    (module.name for module in pkgutil.iter_modules(subcommands.__path__)),
    key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name),
)


class Command(ClusterCommand):
    """Look after the templates of columns."""

    help = "栏目模板：查看、载入、比较、预演、应用"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the subcommands with their arguments."""
        several = parser.add_subparsers(dest="subcommand", required=True, metavar="子命令")
        for name in NAMES:
            module = import_module(f"{subcommands.__name__}.{name}")
            one = several.add_parser(name, help=module.HELP, description=module.HELP)
            module.add_arguments(one)
            # Also behind the subcommand, where people write them.
            for option, said in (("--actor", "操作人姓名，记入台账"), ("--reason", "操作原因，记入台账")):
                one.add_argument(option, default=SUPPRESS, help=said)

    def work(self, **options: Any) -> None:
        """Run the subcommand; broken texts are told problem by problem."""
        module = import_module(f"{subcommands.__name__}.{options['subcommand']}")
        try:
            module.run(self, options)
        except BrokenTemplates as error:
            raise CommandError(
                f"{error}\n共 {len(error.problems)} 处问题，没有保存，原来的草稿和现行版本都没有变。"
            ) from error
