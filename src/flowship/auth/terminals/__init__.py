"""Log-ins from a terminal: it shows a code, which somebody who is signed in with a browser confirms."""
