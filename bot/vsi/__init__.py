"""The supplier VSI over XML-HTTP (PLN-PREPAID 1.0.0): codes, messages, codec and client. Knows no purchase."""
