"""Fill the gaps of a text for one site: {place}, {topic}, {n:3-9} and the like.

Called by `articles`. The same site, column and number always give the same words, so that a second run can go on.
"""

import random
import re
from datetime import datetime, timedelta

from sites.content.demo.dates import BEIJING, season_of
from sites.content.demo.voice import Voice

GAP = re.compile(r"\{([a-z_]+?)(\d*b?)(?::(\d+)-(\d+))?\}")
QUARTERS = "一二三四"
MAY = 4


class Filler:
    """Words for one text: a gap named twice gets the same word, a gap with a number another one.

    Figures ({n:3-9}) differ each time, but those with a number ({n1:3-9}) stay the same.
    """

    def __init__(self, voice: Voice, moment: datetime, chance: random.Random, **extra: str) -> None:
        """Prepare the words that follow from the site and the date."""
        self._chance = chance
        self._choices = {**voice.choices, "season": voice.choices[f"season_{season_of(moment)}"]}
        self._words = {**voice.words, **date_words(moment.astimezone(BEIJING), chance), **extra}

    def fill(self, text: str) -> str:
        """Replace every gap; raises KeyError for a name that nobody knows."""
        return GAP.sub(self._word, text)

    def _word(self, gap: re.Match[str]) -> str:
        name, number, least, most = gap.groups()
        if least is not None:
            value = str(self._chance.randint(int(least), int(most)))
            return self._words.setdefault(name + number, value) if number else value
        if name == "phone":
            return f"0451-0000{self._chance.randint(0, 999):03d}"
        if name == "person" and number:
            return self._chance.choice(self._choices["surname"]) + "某"
        key = name + number
        if key not in self._words:
            self._words[key] = self._choose(name)
        return self._words[key]

    def _choose(self, name: str) -> str:
        options = self._choices[name]
        fresh = [option for option in options if option not in self._words.values()]
        return self._chance.choice(fresh or options)


def date_words(moment: datetime, chance: random.Random) -> dict[str, str]:
    """Give the words that depend on the day of publication."""
    deadline = moment + timedelta(days=chance.randint(18, 45))
    following = moment.replace(day=1) + timedelta(days=32)
    quarter = (moment.month - 1) // 3
    return {
        "year": str(moment.year),
        "year1": str(moment.year - 1),
        "year2": str(moment.year + 1),
        "year2b": str(moment.year - 2),
        "month": str(moment.month),
        "monthday": f"{moment.month}月{moment.day}日",
        "deadline": f"{deadline.month}月{deadline.day}日",
        "nextmonth": f"{following.month}月",
        "quarter": f"{moment.year}年第{QUARTERS[quarter - 1]}季度" if quarter else f"{moment.year - 1}年第四季度",
        "period": _period(moment),
        "sofar": f"前{moment.month - 1}个月" if moment.month >= MAY else "上年度",
        "serial": str(chance.randint(1, 60)),
    }


def _period(moment: datetime) -> str:
    names = (f"{moment.year - 1}年全年", f"{moment.year}年一季度", f"{moment.year}年上半年", f"{moment.year}年前三季度")
    return names[(moment.month - 1) // 3]
