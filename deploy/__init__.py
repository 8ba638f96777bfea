"""Everything that starts, stops and keeps the cluster; imports no app of cluster, sites or search."""
