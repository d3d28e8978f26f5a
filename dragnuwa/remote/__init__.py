"""ComfyUI servers as seen from outside: a client, batches of many jobs, and servers started for them."""
