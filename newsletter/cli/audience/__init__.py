"""The commands of `newsletter subscribers` that are about one person, about proof, or about numbers."""
