"""The tables, actions and queries: Django apps, high to low as the layers of pyproject.toml say."""
