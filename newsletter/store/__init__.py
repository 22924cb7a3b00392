"""What is remembered: one SQLite file, its tables, and the one thread that writes to it."""
