"""Campaigns on WhatsApp, alone and beside Telegram: the real `serve`, killed, tapped and lied to, against people with
phones.
"""
