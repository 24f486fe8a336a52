"""Campaigns on Telegram: the real `serve`, killed, tapped and lied to, against people with phones.

The double, the supplier and the shop are processes of their own; what is believed is what the phones show and what
the supplier's books say.
"""
