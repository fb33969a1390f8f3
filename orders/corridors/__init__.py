"""The public board of what selling from one country to another costs."""
