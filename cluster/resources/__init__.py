"""The content registry (统一信息资源库) and the change feed: what the cluster has published, and who must hear of it."""
