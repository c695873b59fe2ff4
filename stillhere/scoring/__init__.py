"""The night's scores: which model gives them, whether they can be trusted, and what is said where no model can be."""
