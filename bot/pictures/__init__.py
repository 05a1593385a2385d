"""Pictures made ready: opened in a process of their own, stripped of all but what is to be seen, and kept."""

from bot.pictures.ready import PictureError, Studio

__all__ = ["PictureError", "Studio"]
