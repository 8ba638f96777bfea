"""Forms of pictures that take too long for a request: ordered where a page lacks them, made by the worker."""
