"""One action per module, named by its verb."""
