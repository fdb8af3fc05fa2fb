"""PostgreSQL, made to keep, order and guard rows as SQLite does: the one place that knows of the differences."""
