"""What a process of the fleet does by itself when something fails: actions by priority, each attempt on record."""
