"""Read PowerPoint presentations (PPTX) with python-pptx: every slide in order, then its notes.

Called by the child through `reader_for`.
"""

from pathlib import Path

from pptx import Presentation

from cluster.resources.extraction.readers.markup import DRAWING_VOCABULARY, visible_text
from cluster.resources.extraction.sink import TextSink


def read(path: Path, sink: TextSink) -> None:
    """Pour out the words of each slide and of the notes below it."""
    for slide in Presentation(str(path)).slides:
        roots = [slide.element]
        if slide.has_notes_slide:
            roots.append(slide.notes_slide.element)
        for root in roots:
            for piece in visible_text(root, DRAWING_VOCABULARY):
                if sink.is_full:
                    return
                sink.add(piece)
        sink.add("\n")
