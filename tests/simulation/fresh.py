"""A backend of Hypothesis by which every example of a campaign is drawn anew from the seed.

The default spends six of seven examples on copies of one with a part repeated: good at shrinking an input towards a
bug, poor at visiting many states. Failures are shrunk by the default all the same.
"""

from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

NAME = "fresh"


class FreshProvider(HypothesisProvider):
    """The default's own draws, without its reuse of earlier examples."""


AVAILABLE_PROVIDERS[NAME] = FreshProvider
