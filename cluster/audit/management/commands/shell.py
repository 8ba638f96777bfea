"""Command shell: Django's, with what a person needs to say who acts and why; without that the gate lets nothing be published."""

from typing import Any

from django.core.management.commands import shell

BANNER = (
    "发布、修改已上线的信息，要写明由谁、因为什么，两者记入检查记录和台账；没有写明的不能发布：\n"
    "    with in_site(Subsite.objects.get(code='bayan')), acting_as(name='张三', reason='更正电话'):\n"
    "        …\n"
)


class Command(shell.Command):
    """Open a shell."""

    help = f"打开 Python 交互界面。{BANNER.splitlines()[0].rstrip('：')}，见打开时的提示"

    def get_auto_imports(self) -> list[str]:
        """Have at hand what the banner names."""
        return [*(super().get_auto_imports() or ()), "cluster.audit.actor.acting_as", "cluster.context.in_site"]

    def handle(self, **options: Any) -> Any:
        """Say how to act under a name before anything is typed."""
        if not options["command"]:
            self.stderr.write(BANNER)
        return super().handle(**options)
