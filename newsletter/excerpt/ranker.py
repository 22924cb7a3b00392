"""stub"""

from newsletter.excerpt.lead import lead


def ranker():
    return lead()
