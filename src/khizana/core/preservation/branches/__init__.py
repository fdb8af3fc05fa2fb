"""One object written in several places: its histories joined, so that every place comes to the same and loses nothing."""
