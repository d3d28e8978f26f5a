"""Training of the video network and of the small model's autoencoder."""
