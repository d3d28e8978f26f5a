"""Training: scenes with exact flow, the tiny autoencoder, and the diffusion model."""
