"""nginx_config: write nginx's configuration for all sites of the cluster."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cluster.edge.nginx import Server, configuration

CERTIFICATE, KEY = "/etc/ssl/qunzhan/fullchain.pem", "/etc/ssl/qunzhan/privkey.pem"


class Command(BaseCommand):
    """One text for all hosts; it changes with the product, not with the sites."""

    help = "生成 nginx 的配置：页面存储里的页面由 nginx 直接送出，其余交给程序。站点增减不用重新生成。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name where things lie, where that differs from the settings."""
        parser.add_argument("--output", type=Path, help="写入的文件；不写则印在屏幕上")
        parser.add_argument("--app", default="127.0.0.1:8000", help="gunicorn 的地址，默认 127.0.0.1:8000")
        parser.add_argument("--root", type=Path, help="nginx 看到的数据文件夹（VAR），默认按本机的设置")
        parser.add_argument("--port", type=int, help="监听的端口，默认 https 为 443，http 为 80")
        parser.add_argument("--certificate", help=f"证书，https 时默认 {CERTIFICATE}")
        parser.add_argument("--key", help=f"证书的私钥，https 时默认 {KEY}")
        parser.add_argument("--brotli", action="store_true", help="也送 brotli，须装 libnginx-mod-http-brotli-static")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the text."""
        text = configuration(_server(options))
        if options["output"] is None:
            self.stdout.write(text, ending="")
            return
        try:
            options["output"].write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"写不进 {options['output']}：{error.strerror}。请换一个文件。") from error
        self.stdout.write(f"已写入 {options['output']}。请用 nginx -t 检查后重新加载 nginx。")


def _server(options: dict[str, Any]) -> Server:
    is_secure = settings.SITE_SCHEME == "https"
    certificate = options["certificate"] or (CERTIFICATE if is_secure else "")
    key = options["key"] or (KEY if is_secure else "")
    if bool(certificate) != bool(key):
        raise CommandError("证书和私钥要一起给：--certificate 和 --key。")
    root: Path | None = options["root"]
    return Server(
        app=options["app"],
        store=root / "store" if root else Path(settings.EDGE_ROOT),
        media=root / "media" if root else Path(settings.MEDIA_ROOT),
        static=root / "static" if root else Path(settings.STATIC_ROOT),
        port=options["port"] or (443 if certificate else 80),
        certificate=certificate,
        key=key,
        brotli=options["brotli"],
    )
