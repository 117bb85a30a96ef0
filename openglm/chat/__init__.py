"""A conversation about one table: ``openglm.Chat`` and ``openglm chat``."""

from openglm.chat._chat import Chat as Chat
from openglm.chat._turn import Reply as Reply

__all__ = ["Chat", "Reply"]
