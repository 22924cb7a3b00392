"""WHEN, and the one process that does it all: slots become issues, mail goes out, pages are served."""
