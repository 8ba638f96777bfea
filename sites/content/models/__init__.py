"""Page models of content; import them from here."""

from sites.content.models.article import ArticlePage
from sites.content.models.attachment import ArticleAttachment
from sites.content.models.imported import ImportedDocument

__all__ = ["ArticleAttachment", "ArticlePage", "ImportedDocument"]
