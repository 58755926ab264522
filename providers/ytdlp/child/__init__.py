"""What runs inside yt-dlp's process: rules for what it may reach, write and continue."""
