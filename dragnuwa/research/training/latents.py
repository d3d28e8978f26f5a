"""Constants of Stable Video Diffusion's latent space, used by every recipe."""

LATENT_SCALE = 0.18215  # the host multiplies the VAE's latents by it
LATENT_CHANNELS = 4
LATENT_PIXEL = 8  # pixels per side of a latent pixel
AUGMENTATION = 0.02  # noise on the start picture's pixels of 0..1; also the default of the pack's nodes
