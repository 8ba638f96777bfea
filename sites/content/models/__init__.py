"""Page models of content; import them from here."""

from sites.content.models.article import ArticlePage
from sites.content.models.attachment import ArticleAttachment, DocumentAttachment, InterpretationAttachment
from sites.content.models.document import PolicyDocumentPage
from sites.content.models.imported import ImportedDocument
from sites.content.models.interpretation import InterpretationForm, InterpretationPage
from sites.content.models.reference import DocumentRelation, InterpretedDocument
from sites.content.models.written import WrittenPage

__all__ = [
    "ArticleAttachment",
    "ArticlePage",
    "DocumentAttachment",
    "DocumentRelation",
    "ImportedDocument",
    "InterpretationAttachment",
    "InterpretationForm",
    "InterpretationPage",
    "InterpretedDocument",
    "PolicyDocumentPage",
    "WrittenPage",
]
