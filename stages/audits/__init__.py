"""What the audit looks for, one module each."""
