"""Writes prompts: instructions, numbered documents and passages as data, and the question last."""

from assistant.prompts.blocks import Frame, document_frame, passage_frame
from assistant.prompts.build import Asking, Part, Prompt, build, pointer_lines, reading_order
from assistant.prompts.instructions import INSTRUCTIONS, NOT_IN_DOCUMENTS
from assistant.prompts.questions import QUESTIONS_SCHEMA, question_messages
from assistant.prompts.standalone import standalone_messages

__all__ = [
    "Asking",
    "Frame",
    "INSTRUCTIONS",
    "NOT_IN_DOCUMENTS",
    "Part",
    "Prompt",
    "QUESTIONS_SCHEMA",
    "build",
    "document_frame",
    "passage_frame",
    "pointer_lines",
    "question_messages",
    "reading_order",
    "standalone_messages",
]
