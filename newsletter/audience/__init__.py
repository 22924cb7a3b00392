"""WHO: subscribers, their consent, and what keeps a mail from them."""
