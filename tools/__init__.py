"""What builds files that ship; nothing here runs in the bot."""
