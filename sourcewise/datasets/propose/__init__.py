"""What a card could say of files that nobody has described: guesses, and how sure they are."""
