"""What was trained, asked about recordings that it has never seen."""
