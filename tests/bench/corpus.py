"""Texts to measure with: articles of words put together at random, always the same ones, and the real laws where present.

Called by the measuring modules.
"""

import gzip
import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.launcher.options import REPO

LAWS = REPO.parent / "shared" / "data" / "laws.jsonl.gz"
QUERIES = REPO.parent / "shared" / "data" / "queries-dev.jsonl"
MISSING = "没有 ../shared/data 下的文件"
_VOCABULARY = """
关于 开展 春季 防火 工作 通知 全市 各级 部门 认真 落实 责任 加强 宣传 教育 群众 生产 安全 检查 整改 隐患 企业 项目 建设 推进
会议 供热 供水 道路 养护 河道 清理 粮食 收购 农机 补贴 医疗 保障 就业 培训 社区 服务 养老 残疾 救助 法律 援助 执法 监督 公开
政务 大厅 窗口 办理 时限 材料 申请 登记 许可 证照 年度 计划 报告 财政 预算 审计 招标 采购 公告 环境 保护 空气 质量 监测 水源
文化 旅游 体育 赛事 博物馆 图书馆 少年 儿童 妇女 权益 交通 运输 客运 班线 高铁 机场 农村 公路 桥梁 施工 绕行 停水 停电 检修
"""
_WORDS = _VOCABULARY.split()
_SIGNS = "，，，，。；"


def sentence(rnd: random.Random, length: int) -> str:
    """Return a line of about so many characters."""
    parts: list[str] = []
    size = 0
    while size < length:
        word = rnd.choice(_WORDS) + rnd.choice(_WORDS) + rnd.choice(_SIGNS)
        parts.append(word)
        size += len(word)
    return "".join(parts)[: length - 1] + "。"


def articles(count: int, length: int, *, seed: int = 7) -> Iterator[dict[str, Any]]:
    """Yield records as import_documents takes them, with bodies of exactly so many characters."""
    rnd = random.Random(seed)
    for number in range(count):
        lines = max(1, length // 100)
        body = "\n".join(sentence(rnd, 99 if line < lines - 1 else length - 100 * (lines - 1)) for line in range(lines))
        title = f"{''.join(rnd.choices(_WORDS, k=7))}（{number}）"
        yield {"id": f"bench-{seed}-{number}", "title": title, "body": body, "pub_date": _day(rnd)}


def _day(rnd: random.Random) -> str:
    return f"20{rnd.randint(15, 25)}-{rnd.randint(1, 12):02}-{rnd.randint(1, 28):02}"


def laws(limit: int | None = None) -> list[dict[str, Any]]:
    """Return the law collection, or an empty list where it is missing."""
    if not LAWS.exists():
        return []
    with gzip.open(LAWS, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in itertools.islice(file, limit)]


def write_lines(path: Path, records: Iterator[dict[str, Any]]) -> Path:
    """Write records as JSON Lines."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    return path
