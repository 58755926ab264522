"""`leeward dlq export` and `import`."""
