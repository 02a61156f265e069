"""Writes prompts: instructions, numbered documents and passages as data, and the question last."""

from assistant.prompts.blocks import (
    Frame,
    conversation_frame,
    document_frame,
    found_frame,
    passage_frame,
    picture_frame,
    place_line,
    result_frame,
    turn_line,
    words_frame,
)
from assistant.prompts.build import (
    LONGEST_NUMBER,
    Asking,
    Numbered,
    Part,
    Prompt,
    Shown,
    build,
    picture_order,
    pointer_lines,
    reading_order,
)
from assistant.prompts.instructions import INSTRUCTIONS, LAST_WORDS, NOT_IN_DOCUMENTS
from assistant.prompts.questions import QUESTIONS_SCHEMA, question_messages
from assistant.prompts.standalone import standalone_messages

__all__ = [
    "Asking",
    "Frame",
    "INSTRUCTIONS",
    "LAST_WORDS",
    "LONGEST_NUMBER",
    "NOT_IN_DOCUMENTS",
    "Numbered",
    "Part",
    "Prompt",
    "QUESTIONS_SCHEMA",
    "Shown",
    "build",
    "conversation_frame",
    "document_frame",
    "found_frame",
    "passage_frame",
    "picture_frame",
    "picture_order",
    "place_line",
    "pointer_lines",
    "question_messages",
    "reading_order",
    "result_frame",
    "standalone_messages",
    "turn_line",
    "words_frame",
]
