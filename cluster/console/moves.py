"""The moves a site may make, as the office sees them: button, explanation, job.

Read by the site's page and by views.moves; cluster.subsites.moves says which state may follow which.
"""

from dataclasses import dataclass

from cluster.subsites.models import SiteState, Subsite
from cluster.subsites.moves import MOVES


@dataclass(frozen=True)
class Move:
    """One way from state to state."""

    to: str
    job: str
    label: str
    effect: str
    needs_reason: bool = False
    is_grave: bool = False


_MOVES = (
    Move(SiteState.OPEN, "resume_site", "转为正常运行", "站点恢复对公众开放，已发布的信息重新进入检索。"),
    Move(SiteState.TRIAL, "trial_site", "转为试运行", "站点对公众开放，并请搜索引擎不要收录。"),
    Move(
        SiteState.SUSPENDED,
        "suspend_site",
        "临时下线",
        "公众访问时看到“临时下线”说明页，信息退出检索；本站人员仍可登录后台。按规定应先公告，每次不超过30天，一年不超过一次。",
        needs_reason=True,
        is_grave=True,
    ),
    Move(
        SiteState.CLOSED,
        "close_site",
        "永久下线",
        "站点不再对任何人开放，信息退出检索，资料留存备查；此操作不能撤销。按规定应先在首页公告不少于30天并迁移重要栏目。",
        needs_reason=True,
        is_grave=True,
    ),
)


def moves_of(site: Subsite) -> list[Move]:
    """Return the moves that the site may make now."""
    return [move for move in _MOVES if move.to in MOVES[site.state]]


def move_of(site: Subsite, to: str) -> Move | None:
    """Return the move to this state, or None where the site cannot make it."""
    return next((move for move in moves_of(site) if move.to == to), None)
