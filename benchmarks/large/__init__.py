"""The owner's day and a meter's sales in databases of ten thousand to ten million purchases."""
