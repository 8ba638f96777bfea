"""Pages of the console, one module for each thing that the office deals with. Named by cluster.console.urls."""
