"""Files fetched over HTTP into the fleet's download folder: resumable, checked, complete or absent (RFC 9110)."""
