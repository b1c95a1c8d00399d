"""What sections are made of: their base, shapes of texts, and texts that several keys hold."""
