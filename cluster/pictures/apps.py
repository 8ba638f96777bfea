"""App configuration of the pictures' forms."""

from django.apps import AppConfig


class PicturesConfig(AppConfig):
    """Orders for AVIF, and how forms are encoded."""

    name = "cluster.pictures"
    label = "pictures"
    verbose_name = "图片格式"
