"""Several relays as one: mail goes to the first that is worth a try."""
