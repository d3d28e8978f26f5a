"""The one place that imports comfy: checkpoints become the host's objects, and the adapter becomes a model patch."""
