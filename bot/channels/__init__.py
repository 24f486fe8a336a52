"""Where people are: the console now, Telegram and WhatsApp to come. A channel knows no business."""
