"""Networks of Keras: how they see clips, how they are trained, asked and stored."""
