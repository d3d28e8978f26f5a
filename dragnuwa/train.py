"""`python -m dragnuwa.train CONFIG.toml`: train the video network and its adapter."""

from .training.diffusion import main

if __name__ == "__main__":
    main()
