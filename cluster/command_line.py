"""The command line of the cluster: Django's, without the commands that would destroy sites or go past the services.

Called by manage.py alone: what tests and migrations call by name inside a process is not touched.
"""

import sys

from django.core.management import ManagementUtility

_OPEN = "开通站点请用 open_site 或 open_sites，它们同时设好域名、栏目和权限"
_CLOSE = "下线站点请用 close_site 或 suspend_site，数据会保留"
_ACCOUNT = "开设账号请用 add_account 站点代码 --username … --name … --role …；群站不设超级用户"
_DOMAIN = "新增域名请在控制台的站点页办理"
# They run another command in one site or all: a shell, say. What is refused is refused there, too.
CARRIERS = frozenset({"tenant_command", "all_tenants_command"})
_MIGRATE = "升级数据库请用 migrate_cluster，它依次升级公共部分、模板和全部站点"

# command → what to do instead
REFUSED = {
    "flush": f"它会清空全部站点的数据。{_CLOSE}；重新开始请停止群站后换一个数据文件夹（VAR）",
    "delete_tenant": f"它会删除站点的全部数据。{_CLOSE}",
    "delete_domain": f"它会让站点失去网址。{_DOMAIN}",
    "create_domain": f"它不检查域名规则。{_DOMAIN}",
    "create_tenant": _OPEN,
    "clone_tenant": _OPEN,
    "create_missing_schemas": "修复站点请用 repair_sites",
    "rename_schema": "数据模式的名称由站点代码决定，不能更改；修复站点请用 repair_sites",
    "migrate": _MIGRATE,
    "migrate_schemas": _MIGRATE,
    "collectstatic_schemas": "静态文件全群共用，请用 collectstatic",
    "createsuperuser": _ACCOUNT,
    "create_tenant_superuser": _ACCOUNT,
    "changepassword": "密码由本人在站点后台修改，忘记密码时用登录页的“找回密码”，或由站点管理员在后台重设",
    "loaddata": "它不经检查写入数据。导入文件请用 import_documents，恢复备份见 deploy/runbooks/start-and-stop.md",
    "api_tokens": "签发接口令牌请用 add_token 站点代码 --username …",
    "test": "运行测试请用 make test",
    "testserver": "启动群站请用 make run",
}


class ClusterUtility(ManagementUtility):
    """Django's list of commands and their dispatch, less what is refused."""

    def main_help_text(self, commands_only: bool = False) -> str:
        """Leave the refused commands out of the list, coloured or plain."""
        lines = super().main_help_text(commands_only).split("\n")
        kept = [line for line in lines if line.strip() not in REFUSED]
        # An app all of whose commands are refused would leave its heading behind.
        pairs = zip(kept, [*kept[1:], ""], strict=True)
        return "\n".join(line for line, after in pairs if after.strip() or not line.strip().endswith("]"))


def main(argv: list[str]) -> None:
    """Run the command, or say in a sentence why not and exit with code 1."""
    asked = argv[1:3] if argv[1:2] and argv[1] in CARRIERS else argv[1:2]
    for command in asked:
        if command in REFUSED:
            sys.stderr.write(f"群站不使用命令 {command}：{REFUSED[command]}。\n")
            sys.exit(1)
    ClusterUtility(argv).execute()
