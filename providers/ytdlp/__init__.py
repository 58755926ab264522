"""Films and recordings of web pages, by yt-dlp: one process for each job."""
