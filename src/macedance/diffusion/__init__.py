"""Diffusion: objectives, losses and samplers, apart from any network."""
