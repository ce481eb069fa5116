"""The static site: the guide's chapters, the gallery and the API, to be read offline."""
