"""The HTML report: page, data, text and verdicts."""
