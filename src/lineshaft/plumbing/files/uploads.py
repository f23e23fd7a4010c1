"""Taking uploads no further than the limit.

What a browser sends is written to a temporary file while it arrives; beyond the limit the rest is
read past and the part on disk given up, so that nobody fills the disk. The view then says so.
"""

from typing import Any, Final

from django.conf import settings
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest

from lineshaft.kernel.errors import TooLarge
from lineshaft.plumbing.files.rules import refuse_file_size

CUT_MARK: Final = "lineshaft.upload_cut"


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """Skips a file that grows beyond the setting UPLOAD_MAX_BYTES, and marks the request."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file anew."""
        super().new_file(*args, **kwargs)
        self._received_bytes = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a piece. Raises SkipFile beyond the limit."""
        self._received_bytes += len(raw_data)
        if self._received_bytes > settings.UPLOAD_MAX_BYTES:
            if self.request is not None:
                self.request.META[CUT_MARK] = True
            raise SkipFile
        super().receive_data_chunk(raw_data, start)


def refuse_cut_upload(request: HttpRequest) -> None:
    """Raise TooLarge if a file of this request was beyond the limit."""
    limit_bytes = settings.UPLOAD_MAX_BYTES
    refusal = refuse_file_size(limit_bytes + 1, limit_bytes)
    if request.META.get(CUT_MARK) and refusal:
        raise TooLarge(refusal.message, code=refusal.code, params=refusal.params)
