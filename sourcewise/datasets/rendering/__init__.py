"""What the synthetic datasets are made with: a speech synthesiser, and a room to record in."""
