"""Remote ComfyUI servers: a client, batches of many jobs, and servers started for them."""
