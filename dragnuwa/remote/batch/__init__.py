"""Many jobs of one workflow at running ComfyUI servers: `python -m dragnuwa.batch --help`, and docs/batch.md."""
