"""The rules of inspection (standards part 9) as the law of columns knows them: their titles, and which columns each can fault.

Asked by `waivable`, which offers them for waivers, and by cluster.inspection.rules, which judge by them.
"""

from cluster.column_templates.law import ColumnLaw
from cluster.column_templates.vocabulary import ItemType

TITLES = {
    "R02": "首页更新",
    "R03": "动态要闻和公告文件更新",
    "R04": "应更新栏目",
    "R05": "空白栏目",
    "R08": "必设栏目",
    "R09": "网站标签",
    "R10": "栏目标签",
    "R11": "内容标签",
    "R16": "目录要素",
    "R17": "索引号唯一",
    "R18": "文号和文种",
    "R19": "主动公开时限",
    "R20": "文件解读互链",
}
NEWS, NOTICES = "动态要闻", ("通知公告", "政策文件")
NEWS_DAYS, NOTICE_DAYS = 14, 180
_DOCUMENTS = ItemType.POLICY_DOCUMENT.value
_EVERY_COLUMN = ("R05", "R08", "R10", "R11")


def days_of(column: ColumnLaw) -> int | None:
    """Return within how many days R03 asks for something new in the column; None where it does not ask."""
    if column.column_type == NEWS:
        return NEWS_DAYS
    is_named = not column.parent or column.name == column.column_type
    return NOTICE_DAYS if column.column_type in NOTICES and is_named else None


def rules_on(column: ColumnLaw) -> tuple[str, ...]:
    """Return the rules that can find a fault in the column or in what stands there."""
    found = set(_EVERY_COLUMN)
    if days_of(column) is not None:
        found.add("R03")
    if column.limit:
        found.add("R04")
    if _DOCUMENTS in column.takes:
        found |= {"R16", "R17", "R18", "R19", "R20"}
    if ItemType.INTERPRETATION in column.takes:
        found.add("R20")
    return tuple(sorted(found))
