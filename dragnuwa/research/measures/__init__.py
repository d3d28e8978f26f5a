"""The papers' own measures, of any videos and tracks: `python -m dragnuwa.evaluation videos|tracks|bench --help`."""
