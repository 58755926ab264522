"""Attachments that a job names instead of holding: files of a folder, and what an allowed URL brings."""
