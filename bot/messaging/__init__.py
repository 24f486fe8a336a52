"""Inbox and outbox: what came in is durable before it is acknowledged, what goes out is a row before it is sent."""
