"""The one place where parts are put together: nothing else names adapters or job handlers."""
