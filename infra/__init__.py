"""Where it runs: the template, the package that is deployed, and what keeps `.venv` in order."""
