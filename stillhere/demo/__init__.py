"""The demo company: a believable subscription-software business, drawn from a seed, with its truth planted apart."""
