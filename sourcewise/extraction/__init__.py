"""From clips to features: every clip through one module of `features`, and through a frozen network (`embed`)."""
