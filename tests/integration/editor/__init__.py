"""The editor in a browser. A package, for what its tests share: pytest ends fixtures of a folder by that."""
