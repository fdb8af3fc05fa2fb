"""OAI-PMH 2.0: what is asked, what is answered, and the forms in which descriptions are handed on."""
