"""How denoisers are fitted on noisy clips, applied, stored and scored; the denoisers are in models/denoisers."""
