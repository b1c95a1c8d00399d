"""What a provider is asked and answers: its documents, keys and tokens, and what is believed of them."""
