"""What the campaigns of all platforms share: the real `serve` in a process of its own, agents, evidence, a checker.

The supplier and the shop are processes that can be killed; what is believed is what the phones show and what the
supplier's books say.
"""
