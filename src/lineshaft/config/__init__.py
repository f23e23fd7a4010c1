"""The top floor: settings, URLs, the API and the commands that put the floors below to work."""
