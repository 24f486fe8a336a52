"""What the business does: quotes, purchases, the books, advice, people and reports. Knows no channel and no words."""
