"""One object written in several places: joined, so that every place comes to the same and loses nothing."""
