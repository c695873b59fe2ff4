"""The risk model: panel, fit, calibrate, predict, signs, registry. Imports nothing first-party."""
