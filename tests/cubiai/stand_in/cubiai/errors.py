"""CubiAI's errors."""


class CubiAIError(Exception):
    pass


class MissingDependencyError(CubiAIError):
    pass


class PipelineStageError(CubiAIError):
    def __init__(self, stage: str, message: str, *, cause: Exception | None = None) -> None:
        super().__init__(f"Stage '{stage}' failed: {message}")
        self.stage, self.message, self.cause = stage, message, cause
