"""Settings of one's own -> what is well with them, what is not, and the line to paste. It sends no mail."""
