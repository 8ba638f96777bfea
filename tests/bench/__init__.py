"""`make bench`: measure the product on this machine, one JSON line for each figure.

Run by `python -m tests.bench`; `make bench ONLY=open_site,import` measures a part. Each module named after what it measures
offers a function from a Workshop to figures; __main__ lists them in their order.
"""
