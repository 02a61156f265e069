"""Has a teacher write questions and answers on documents, keeps what stands a check, and writes it for fine-tuning."""

from assistant.distillation.distiller import Distiller, Progress, Summary
from assistant.distillation.licences import Licence, licence_of
from assistant.distillation.outcomes import REASONS, Options, Record

__all__ = ["Distiller", "Licence", "Options", "Progress", "REASONS", "Record", "Summary", "licence_of"]
