"""What a worker is made of: the installed extensions and the settings in, providers, actors and queues out."""
