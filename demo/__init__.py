"""The whole thing on a laptop: an embedded cloud, a watched service, traffic, a day of history."""
