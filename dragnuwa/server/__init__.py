"""The routes of the editor's page, as functions of their requests; `dragnuwa.host.routes` gives them to ComfyUI."""
