"""Tasks of the desk: what staff asked for, what came of it, and the folder that both stand in."""
