"""Deployed entry points. `lambda` is a Python keyword, so these modules load by string only:
AWS resolves `lambda/collect_logs.handler`, tests use `importlib.import_module`. Nothing imports them."""
