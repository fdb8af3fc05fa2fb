"""The pages of an offline edition."""
