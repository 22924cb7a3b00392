"""PRESS: templates run here, in a child process that can neither loop for ever nor take the program down."""
