"""Plain bots as a good user of each library writes them: what Setrum is measured against. Nothing here is durable."""
