"""From probabilities to scores, intervals and tables."""
