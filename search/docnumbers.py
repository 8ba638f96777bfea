"""Recognise official document numbers (发文字号) in any spelling. Called by documents and parsing; pure.

`国发〔2024〕5号`, `国发[2024]5号`, `国发 2024 5` and `国发(2024)第5号` all become the key `国发|2024|5`;
`中华人民共和国国务院令第427号`, `国务院令427号` and `国务院 427号令` become `国务院令|427`.
"""

import re

_AGENCY = "[\u4e00-\u9fff]{1,14}?"
_YEAR = "(?:19|20)[0-9]{2}"
_OPEN, _CLOSE = r"[\s\[(〔【〈<{「［（]*", r"[\s\])〕】〉>}」］）年]*"
_BY_YEAR = re.compile(rf"({_AGENCY}){_OPEN}({_YEAR}){_CLOSE}第?\s*([0-9]{{1,5}})\s*号?")
_ORDER = re.compile(rf"({_AGENCY})\s*令?\s*第?\s*([0-9]{{1,5}})\s*号\s*令?")
_CHINESE_NUMBER = re.compile("第([〇○零一二三四五六七八九十百]{1,7})号")
_STATE = "中华人民共和国"
_SAME_AGENCY = {"国令": "国务院令"}
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0}
#: What ends the name of an agency that numbers by year; other Chinese before a year is ordinary text (公司法 2018).
_YEARLY = re.compile(
    "(?:发|函|规|字|办|释|令|电|文|议|批|通|告|明电|法|政|会|税|价|综|预|资|改|教|卫|建|交|农|林|水|环|人社|民)$"
)


def number_keys(text: str) -> list[str]:
    """Return the keys of the document numbers that a whole field or a whole query spells, in order, without repeats."""
    text = _CHINESE_NUMBER.sub(lambda match: f"第{_arabic(match.group(1))}号", text.replace(_STATE, "").strip())
    found = [f"{agency}|{year}|{int(number)}" for agency, year, number in _by_year(text)]
    if not found and "令" in text:
        found = [f"{_order_agency(agency)}|{int(number)}" for agency, number in _ORDER.findall(text)]
    return list(dict.fromkeys(found))


def _by_year(text: str) -> list[tuple[str, str, str]]:
    """Return agency, year and number; without a bracket or 号 the agency must sound like one."""
    found = []
    for match in _BY_YEAR.finditer(text):
        agency, year, number = match.groups()
        explicit = match.group().endswith("号") or any(mark in match.group() for mark in "〔[(【")
        if (explicit and _YEARLY.search(agency)) or (
            _YEARLY.search(agency) and len(agency) <= 6 and match.group() == text
        ):
            found.append((agency, year, number))
    return found


def _order_agency(agency: str) -> str:
    return _SAME_AGENCY.get(name := agency.removesuffix("令").strip() + "令", name)


def _arabic(chinese: str) -> int:
    """Read a Chinese number up to 999 (七十三 → 73, 二〇三 → 203)."""
    if not any(unit in chinese for unit in "十百"):
        return int("".join(str(_DIGITS[digit]) for digit in chinese))
    total = digit = 0
    for character in chinese:
        if character in _DIGITS:
            digit = _DIGITS[character]
        else:
            total += (digit or 1) * (10 if character == "十" else 100)
            digit = 0
    return total + digit
