"""Who serves stored pages, and what each of them has still to hear: the store's only rows in PostgreSQL, in `public`.

Servers are written by cluster.edge.agent; events by database triggers (cluster/edge/sql/feed.sql), and taken away by the
server that has applied them. Read by the console.
"""

from django.db import models
from django.db.models.functions import Now

# Events of this name are for the process whose transaction they arose in: it withdraws at once, whoever else sleeps.
COMMITTER = ""


class EdgeServer(models.Model):
    """An application server with a store of its own. Until it is ready, what it stored earlier does not count."""

    name = models.CharField("服务器", max_length=200, primary_key=True)
    registered_at = models.DateTimeField("登记时间", db_default=Now())
    ready_at = models.DateTimeField("启用时间", null=True)
    # Silent for so long that it is told no more; what it still serves, nobody knows.
    dropped_at = models.DateTimeField("停用时间", null=True)
    # When another store last asked for this name in vain; of a dropped row, when another one took it over.
    namesake_at = models.DateTimeField("同名登记时间", null=True)
    # What its store last said of itself; see cluster.edge.membership.
    store_id = models.CharField("存储编号", max_length=32, blank=True, db_default="")
    reports = models.BigIntegerField("联系次数", db_default=0)
    heartbeat_at = models.DateTimeField("最近联系", db_default=Now())
    generation = models.CharField("程序版本", max_length=64, blank=True, db_default="")
    pages = models.BigIntegerField("页面数", db_default=0)
    stored_bytes = models.BigIntegerField("占用空间", db_default=0)
    error = models.TextField("最近的错误", blank=True, db_default="")

    class Meta:
        verbose_name = "页面服务器"
        verbose_name_plural = "页面服务器"

    def __str__(self) -> str:
        return self.name


class EdgeEvent(models.Model):
    """Something changed that stored pages may show; this server has not yet heard of it. One for each transaction and key."""

    id = models.BigAutoField(primary_key=True)
    server = models.CharField("服务器", max_length=200)
    key = models.TextField("对象")
    # When the changed item is dated: a list that ends with later ones does not change. None reaches every list.
    at = models.DateTimeField("信息时间", null=True)
    gone = models.BooleanField("已撤回", db_default=False)
    xid = models.BigIntegerField("事务")
    created_at = models.DateTimeField("产生时间", db_default=Now())

    class Meta:
        verbose_name = "待通知的变化"
        verbose_name_plural = "待通知的变化"
        constraints = (models.UniqueConstraint(fields=("server", "key", "xid"), name="edge_event_once"),)

    def __str__(self) -> str:
        return f"{self.server} {self.key}"
