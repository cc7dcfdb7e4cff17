"""Pages for a browser: what is drawn and heard on them, their markup, style and scripts."""
