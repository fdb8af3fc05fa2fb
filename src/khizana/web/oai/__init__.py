"""The door for harvests over OAI-PMH."""
