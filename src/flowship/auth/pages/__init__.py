"""Flowship's own pages for people who sign in: plain HTML without a script."""
