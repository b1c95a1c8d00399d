"""Who a provider's users are here: what it says of them, whether they may come in still, and what is kept of them."""
