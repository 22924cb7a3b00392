"""PROOF: an issue before it is sent, exactly as a reader will get it, and all that is wrong with it."""
