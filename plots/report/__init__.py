"""The HTML report: its page, data, text and verdicts."""
