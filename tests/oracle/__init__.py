"""A second reading of damaged challenge folders: what is accepted must be true."""
