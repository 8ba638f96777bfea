"""The single checks of the rule language: each looks at one value and says what is wrong and what to do.

Called by `checking` through CHECKS. An empty value passes every check but 必须填写 and 至少若干: the template says separately
what must be there, and nothing is fewer than one.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from cluster.column_templates.vocabulary import Check, ItemField, Unit
from cluster.resources.index_numbers import is_well_formed

if TYPE_CHECKING:
    from cluster.column_templates.checking import Context

Fault = tuple[str, str]  # what is wrong, what to do
Demand = Callable[[Any, str, Any, Mapping[str, Any], date, "Context"], Fault | None]

# standards part 3: six-sided brackets, no 第, no leading zero.
DOCUMENT_NUMBER = re.compile(r"^[\u4e00-\u9fa5]{2,12}〔(19|20)\d{2}〕[1-9]\d{0,3}号\Z")
DOCUMENT_KINDS = (
    *("决议", "决定", "命令", "公报", "公告", "通告", "意见", "通知", "通报", "报告"),
    *("请示", "批复", "议案", "函", "纪要"),
)
_SAMPLE_NUMBER, _SAMPLE_INDEX = "黑政发〔2026〕5号", "2301840001/2026-00001"


def as_day(value: Any) -> date | None:
    """Return the day of a date or a time, as the clock on the wall shows it; None where there is none."""
    if isinstance(value, datetime):
        return timezone.localdate(value) if timezone.is_aware(value) else value.date()
    return value if isinstance(value, date) else None


def _texts(value: Any) -> list[str]:
    """Return the non-empty texts of a value that is one text or several."""
    several = [value] if isinstance(value, str) else list(value) if isinstance(value, Iterable) else []
    return [text.strip() for text in several if isinstance(text, str) and text.strip()]


def _is_empty(value: Any) -> bool:
    return not value or (isinstance(value, str) and not value.strip())


def _required(value: Any, label: str, argument: Any, facts: Any, today: date, context: "Context") -> Fault | None:
    if not _is_empty(value) and (not isinstance(value, (list, tuple)) or any(not _is_empty(one) for one in value)):
        return None
    return f"没有填写“{label}”。", f"请填写“{label}”。"


def _document_number(
    value: Any, label: str, argument: Any, facts: Any, today: date, context: "Context"
) -> Fault | None:
    wrong = [number for number in _texts(value) if not DOCUMENT_NUMBER.match(number)]
    if not wrong:
        return None
    return f"{label}“{wrong[0]}”不合格式。", f"请写成“{_SAMPLE_NUMBER}”的样子：六角括号，不加“第”，序号不以 0 开头。"


def _document_kind(value: Any, label: str, argument: Any, facts: Any, today: date, context: "Context") -> Fault | None:
    wrong = [kind for kind in _texts(value) if kind.removesuffix("(令)").removesuffix("（令）") not in DOCUMENT_KINDS]
    if not wrong:
        return None
    return f"{label}“{wrong[0]}”不是法定公文种类。", f"请从十五种中选一种：{'、'.join(DOCUMENT_KINDS)}。"


def _index_number(value: Any, label: str, argument: Any, facts: Any, today: date, context: "Context") -> Fault | None:
    if _is_empty(value):
        return None
    if not is_well_formed(str(value).strip()):
        return f"{label}“{value}”不合格式。", f"请写成“{_SAMPLE_INDEX}”的样子：单位代码/年份-五位序号。"
    if context.index_number_taken:
        return f"{label}“{value}”已被另一份文件使用。", "索引号全省唯一，用过不再用；请换一个新号。"
    return None


def _at_least(value: Any, label: str, argument: Any, facts: Any, today: date, context: "Context") -> Fault | None:
    size = _size(value)
    if size >= int(argument):
        return None
    if not size:
        return f"没有“{label}”，至少要{argument}{_measure(value)}。", f"请补充“{label}”。"
    return f"“{label}”只有{size}{_measure(value)}，少于{argument}{_measure(value)}。", f"请把“{label}”补充完整。"


def _at_most(value: Any, label: str, argument: Any, facts: Any, today: date, context: "Context") -> Fault | None:
    size = _size(value)
    if size <= int(argument):
        return None
    return f"“{label}”有{size}{_measure(value)}，超过{argument}{_measure(value)}。", f"请精简“{label}”。"


def _size(value: Any) -> int:
    return len("".join(value.split())) if isinstance(value, str) else len(value or ())


def _measure(value: Any) -> str:
    return "字" if isinstance(value, str) else "个"


def _one_of(value: Any, label: str, argument: Any, facts: Any, today: date, context: "Context") -> Fault | None:
    wrong = [text for text in _texts(value) if text not in argument]
    if not wrong:
        return None
    return f"“{label}”不能是“{wrong[0]}”。", f"请从这几种中选：{'、'.join(map(str, argument))}。"


def _day_of(field: str, value: Any, today: date) -> date | None:
    """Return the day of a field; what is not published yet would be published today."""
    day = as_day(value)
    return today if day is None and field == ItemField.PUBLISHED_AT else day


def _not_after(value: Any, label: str, argument: Any, facts: Any, today: date, context: "Context") -> Fault | None:
    day, limit = as_day(value), _day_of(str(argument), facts.get(str(argument)), today)
    if day is None or limit is None or day <= limit:
        return None
    other = ItemField(argument).label
    return f"{label}（{day:%Y-%m-%d}）晚于{other}（{limit:%Y-%m-%d}）。", f"请核对“{label}”和“{other}”。"


def _within_workdays_of(
    value: Any, label: str, argument: Any, facts: Any, today: date, context: "Context"
) -> Fault | None:
    """`argument`: the other field and the number of working days."""
    other, count = argument
    # Only the time of publication is judged by such a limit before it is there: it would be now.
    day, start = as_day(value) or today, as_day(facts.get(other))
    last = context.last_day(start, count, Unit.WORKDAYS.value) if start else None
    if last is None or day <= last:
        return None
    name = ItemField(other).label
    return (
        f"{label}超过{name}（{start:%Y-%m-%d}）后{count}个工作日的期限（{last:%Y-%m-%d}）。",
        f"请核对“{name}”；确已逾期的，请说明原因后发布。",
    )


def _alternative_text(
    value: Any, label: str, argument: Any, facts: Any, today: date, context: "Context"
) -> Fault | None:
    # The words of the pictures stand apart from the text of the body.
    texts = facts.get(ItemField.IMAGE.value) if isinstance(value, str) else value
    silent = sum(1 for text in texts or () if _is_empty(text))
    if not silent:
        return None
    return f"有{silent}张图片没有替代文字。", "请给每张图片写一句话，说明图上是什么。"


CHECKS: Mapping[Check, Demand] = {
    Check.REQUIRED: _required,
    Check.DOCUMENT_NUMBER: _document_number,
    Check.DOCUMENT_KIND: _document_kind,
    Check.INDEX_NUMBER: _index_number,
    Check.AT_LEAST: _at_least,
    Check.AT_MOST: _at_most,
    Check.ONE_OF: _one_of,
    Check.NOT_AFTER: _not_after,
    Check.WITHIN_WORKDAYS_OF: _within_workdays_of,
    Check.ALTERNATIVE_TEXT: _alternative_text,
}
