"""The download folder: destinations, unfinished files and their locks."""
