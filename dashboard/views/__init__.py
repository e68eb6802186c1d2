"""One file a page: `page()` fetches, `render(…)` draws. Pages do not know each other."""
